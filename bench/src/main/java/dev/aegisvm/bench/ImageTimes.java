package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.*;

/** Images from a registry on this machine: how long they take to come. */
final class ImageTimes {
    private static final List<Integer> LAYERS = List.of(1, 4, 8);
    private static final int LARGE = 20 << 20;
    private static final int SMALL = 32 << 10;
    private static final int SMALL_ONES = 900;
    private static final double LAYER_MB = (LARGE + SMALL_ONES * SMALL) / 1e6;
    private static final String REPEATED = "what is said again and again";

    private ImageTimes() {}

    /** {@code aegis image pull} of more and more layers, and the tools that unpack the same onto the host. */
    static void pull(Sandbox sandbox, Turns turns) throws IOException {
        Path scratch = sandbox.scratch("images");
        try (LocalRegistry registry = LocalRegistry.open(scratch);
                DaemonClient client = sandbox.client()) {
            for (int layers : LAYERS) {
                pull(sandbox, registry, turns, layers);
            }
            double peak = ProcFile.highestMb(client.call(Routes.STATUS).pid());
            double image = LAYERS.getLast() * LAYER_MB;
            turns.value("images.memory", "the most memory that the daemon ever had", "MB", peak)
                    .atMost(256);
            turns.value("images.memory.image", "  the largest of these images", "MB", image);
        }
    }

    private static void pull(Sandbox sandbox, LocalRegistry registry, Turns turns, int layers) throws IOException {
        Path scratch = sandbox.scratch("images");
        String name = registry.push(image(scratch, layers), "large:" + layers);
        TimedProcess puller = sandbox.aegis("image", "pull", name);
        double megabytes = layers * LAYER_MB;
        String title = "%.0f MB in %d layers, until they can be booted".formatted(megabytes, layers);
        Metric pull = turns.time("images.pull." + layers, title, puller::output)
                .at(Plot.IMAGE_SIZE, "aegis image pull", megabytes);
        turns.step(() -> sandbox.aegis("image", "delete", name).output());
        Path copied = scratch.resolve("copied");
        Path bundle = scratch.resolve("bundle");
        Metric tools = turns.time("images.pull.tools." + layers, "  skopeo copy and umoci unpack of the same", () -> {
            String layout = copied + ":t";
            Tool.run("skopeo", "copy", "--quiet", "--src-tls-verify=false", "docker://" + name, "oci:" + layout);
            Tool.run("umoci", "unpack", "--image", layout, bundle.toString());
        });
        tools.at(Plot.IMAGE_SIZE, "skopeo and umoci", megabytes);
        turns.step(() -> TestHome.delete(copied));
        turns.step(() -> TestHome.delete(bundle));
        pull.atMostTimes(1, tools);
        turns.run(1, 5);
    }

    private static OciImage image(Path scratch, int layers) throws IOException {
        OciImage image = OciImage.empty(scratch.resolve("layout"), "large-" + layers);
        Random random = new Random(1);
        for (int layer = 0; layer < layers; layer++) {
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
}
