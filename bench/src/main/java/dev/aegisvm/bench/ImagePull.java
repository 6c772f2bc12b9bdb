package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.LocalRegistry;
import dev.aegisvm.testkit.OciImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** {@code aegis image pull} of 400 MB in 8 layers, and in turn with it the tools that unpack the same onto the host. */
final class ImagePull implements Measure {
    private static final int MOST_RUNS = 5;
    private static final int LAYERS = 8;
    private static final int LARGE = 20 << 20;
    private static final int SMALL = 32 << 10;
    private static final int SMALL_ONES = 900;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final double WISH_MEMORY_MB = 256;
    private static final String REPEATED = "what is said again and again";

    @Override
    public String title() {
        return "an image from a registry";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        Path scratch = sandbox.scratch("images");
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            return take(sandbox, scratch, registry.push(image(scratch), "large:1"), Math.min(runs, MOST_RUNS));
        } finally {
            Sandbox.remove(scratch);
        }
    }

    private static List<Row> take(Sandbox sandbox, Path scratch, String name, int runs) throws IOException {
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int i = 0; i <= runs; i++) {
            double pull = pull(sandbox, name);
            double unpack = unpack(scratch, name);
            if (i > 0) { // The first round is the warm-up.
                ours.add(pull);
                theirs.add(unpack);
            }
        }
        double peak;
        try (DaemonClient client = sandbox.client()) {
            peak = ProcFile.peakMb(client.status().pid());
        }
        Row row = Row.of("images.pull", "400 MB in 8 layers until they can be booted", "ms", ours);
        Row other = Row.of("images.pull.tools", "  skopeo copy and umoci unpack of the same", "ms", theirs);
        return List.of(
                row.judged(Verdict.atMostTimes(1, row.p50(), other.p50()))
                        .note("against the next row, in turn with it; files of 32 KB and 20 MB, half noise, gzipped"),
                other,
                Row.of("images.memory", "  the most memory that the daemon ever had, all of it", "MB", List.of(peak))
                        .atMost(WISH_MEMORY_MB));
    }

    private static double pull(Sandbox sandbox, String name) throws IOException {
        double millis = sandbox.aegis("image", "pull", name).run().millis();
        TimedProcess.Outcome deleted = sandbox.aegis("image", "delete", name).run();
        if (deleted.exitCode() != 0) {
            throw new IOException("the image was not pulled");
        }
        return millis;
    }

    private static double unpack(Path scratch, String name) throws IOException {
        Path layout = scratch.resolve("copied");
        Path bundle = scratch.resolve("bundle");
        double copy = millisOf(
                "skopeo", "copy", "--quiet", "--src-tls-verify=false", "docker://" + name, "oci:" + layout + ":t");
        double unpack = millisOf("umoci", "unpack", "--image", layout + ":t", bundle.toString());
        Sandbox.remove(layout);
        Sandbox.remove(bundle);
        return copy + unpack;
    }

    private static double millisOf(String... command) throws IOException {
        return new TimedProcess(List.of(command), Map.of(), null, LIMIT).millisOf("");
    }

    private static OciImage image(Path scratch) throws IOException {
        OciImage image = OciImage.empty(scratch.resolve("layout"), "large");
        Random random = new Random(1);
        for (int layer = 0; layer < LAYERS; layer++) {
            Path files = Files.createDirectories(scratch.resolve("layer-" + layer));
            Files.write(files.resolve("large"), halfNoise(random, LARGE));
            for (int i = 0; i < SMALL_ONES; i++) {
                Path directory = Files.createDirectories(files.resolve("d" + i / 30));
                Files.write(directory.resolve("f" + i), halfNoise(random, SMALL));
            }
            image.with(files, "/layer-" + layer);
            Sandbox.remove(files);
        }
        return image;
    }

    /** Bytes that become a little more than half as many when they are compressed, as those of programs do. */
    private static byte[] halfNoise(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        for (int i = 0; i < size; i++) {
            if ((i & 0x80) != 0) {
                bytes[i] = (byte) REPEATED.charAt(i % REPEATED.length());
            }
        }
        return bytes;
    }
}
