package dev.aegisvm.bench;

import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.Routes;
import dev.aegisvm.bench.Measure.Task;
import dev.aegisvm.bench.Measure.Turns;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.LocalRegistry;
import dev.aegisvm.testkit.OciImage;
import dev.aegisvm.testkit.TestHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Images from a registry on this machine: how long they take to come, and to be run. */
final class Images {
    private static final int LAYERS = 8;
    private static final int LARGE = 20 << 20;
    private static final int SMALL = 32 << 10;
    private static final int SMALL_ONES = 900;
    private static final String REPEATED = "what is said again and again";
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private Images() {}

    /** {@code aegis image pull} of 400 MB in 8 layers, and the tools that unpack the same onto the host. */
    static List<Row> pull(Sandbox sandbox, int runs) throws IOException {
        Path scratch = sandbox.scratch("images");
        Turns turns = new Turns();
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            String name = registry.push(large(scratch), "large:1");
            turns.each("images.pull", () -> {
                        double millis = Measure.millis(
                                () -> sandbox.aegis("image", "pull", name).mustEnd());
                        sandbox.aegis("image", "delete", name).mustEnd();
                        return millis;
                    })
                    .each("images.pull.tools", () -> unpack(scratch, name))
                    .run(1, Math.min(runs, 5));
        }
        double peak;
        try (DaemonClient client = sandbox.client()) {
            peak = ProcFile.highestMb(client.call(Routes.STATUS).pid());
        }
        Row other = turns.row("images.pull.tools", "  skopeo copy and umoci unpack of the same");
        return List.of(
                turns.row("images.pull", "400 MB in 8 layers until they can be booted")
                        .atMostTimes(1, other)
                        .note("against the next row, in turn with it; files of 32 KB and 20 MB, half noise, gzipped"),
                other,
                Row.of("images.memory", "  the most memory that the daemon ever had, all of it", "MB", List.of(peak))
                        .atMost(256));
    }

    private static double unpack(Path scratch, String name) throws IOException {
        Path layout = scratch.resolve("copied");
        Path bundle = scratch.resolve("bundle");
        double millis = Measure.millis(() -> {
            TimedProcess.of(
                            "skopeo",
                            "copy",
                            "--quiet",
                            "--src-tls-verify=false",
                            "docker://" + name,
                            "oci:" + layout + ":t")
                    .mustEnd();
            TimedProcess.of("umoci", "unpack", "--image", layout + ":t", bundle.toString())
                    .mustEnd();
        });
        TestHome.delete(layout);
        TestHome.delete(bundle);
        return millis;
    }

    private static OciImage large(Path scratch) throws IOException {
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
            TestHome.delete(files);
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

    /** {@code aegis run --image} of an image that is here, and the same without an image. */
    static List<Row> run(Sandbox sandbox, int runs) throws IOException {
        Path scratch = sandbox.scratch("image");
        List<Row> rows = new ArrayList<>();
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            OciImage image = OciImage.empty(scratch.resolve("layout"), "small")
                    .with(BUSYBOX, "/bin/busybox")
                    .with(BUSYBOX, "/bin/echo");
            String name = registry.push(image, "small:1");
            // An image gets a template of its own after its first start.
            sandbox.awaitTemplate(CreateInstanceBuilder.builder()
                    .command(Sandbox.ECHO)
                    .imageRef(name)
                    .build());
            if (sandbox.emulated()) {
                rows.addAll(fromSpare(sandbox, name, runs));
            }
            Turns turns = pairs(sandbox, name, () -> {}).run(2, Math.min(runs, 100));
            rows.addAll(rows(turns, "images.run", "from a template"));
            sandbox.aegis("image", "delete", name).run();
        }
        return rows;
    }

    private static List<Row> fromSpare(Sandbox sandbox, String name, int runs) throws IOException {
        try (Sandbox sparing = sandbox.withSpare()) {
            // The first start tells the daemon which machine to keep.
            sparing.aegis("run", "--", "echo", "hi").millisOf("hi\n");
            try (SpareWatch spares = SpareWatch.of(sparing.daemonLog())) {
                Turns turns = pairs(sparing, name, spares::awaitNext).run(2, Math.min(runs, 30));
                return rows(turns, "images.run.spare", "from a spare");
            }
        }
    }

    private static Turns pairs(Sandbox sandbox, String name, Task before) {
        TimedProcess ofImage = sandbox.aegis("run", "--image", name, "--", "echo", "hi");
        TimedProcess ofBase = sandbox.aegis("run", "--", "echo", "hi");
        return new Turns()
                .each("image", () -> {
                    before.run();
                    return ofImage.millisOf("hi\n");
                })
                .each("base", () -> {
                    before.run();
                    return ofBase.millisOf("hi\n");
                });
    }

    private static List<Row> rows(Turns turns, String name, String how) {
        Row base = Row.of(
                name + ".base",
                "  `aegis run -- echo hi`, in turn with it",
                "ms",
                turns.row("base", "").samples());
        Row image = Row.of(
                name,
                "`aegis run --image … -- echo hi`, " + how + ", whole process",
                "ms",
                turns.row("image", "").samples());
        return List.of(image.atMostMore(15, base).note("the target is 15 ms more than without an image"), base);
    }
}
