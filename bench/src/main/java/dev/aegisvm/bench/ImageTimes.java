package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** Images from a registry on this machine: how long they take to come. */
final class ImageTimes {
    private static final List<Integer> LAYERS = List.of(1, 4, 8);
    /** What {@code layer.py} makes. */
    private static final double LAYER_MB = ((20 << 20) + 900 * (32 << 10)) / 1e6;

    private ImageTimes() {}

    /** {@code aegis image pull} of more and more layers, and the tools that unpack the same onto the host. */
    static void pull(Sandbox sandbox, Turns turns) throws IOException {
        Path scratch = sandbox.scratch("images");
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            for (int layers : LAYERS) {
                pull(sandbox, registry, turns, layers);
            }
            double peak = ProcFile.highestMb(sandbox.daemon());
            turns.value("images.memory", "the most memory that the daemon ever had", "MB", peak)
                    .atMost(256);
            turns.value("images.memory.image", "  the largest of these images", "MB", LAYERS.getLast() * LAYER_MB);
        }
    }

    private static void pull(Sandbox sandbox, LocalRegistry registry, Turns turns, int layers) throws IOException {
        Path scratch = sandbox.scratch("images");
        String name = registry.push(image(scratch, layers), "large:" + layers);
        double megabytes = layers * LAYER_MB;
        String title = "%.0f MB in %d layers, until they can be booted".formatted(megabytes, layers);
        Metric pull = turns.time("images.pull." + layers, title, () -> sandbox.aegis("image", "pull", name))
                .at(Plot.IMAGE_SIZE, "aegis image pull", megabytes);
        turns.step(() -> sandbox.aegis("image", "delete", name));
        Path copied = scratch.resolve("copied");
        Path bundle = scratch.resolve("bundle");
        Metric tools = turns.time("images.pull.tools." + layers, "  skopeo copy and umoci unpack of the same", () -> {
            String layout = copied + ":t";
            Tool.run("skopeo", "copy", "--quiet", "--src-tls-verify=false", "docker://" + name, "oci:" + layout);
            Tool.run("umoci", "unpack", "--image", layout, bundle.toString());
        });
        tools.at(Plot.IMAGE_SIZE, "skopeo and umoci", megabytes);
        turns.step(() -> {
            TestHome.delete(copied);
            TestHome.delete(bundle);
        });
        pull.atMostTimes(1, tools);
        turns.run(1, 5);
    }

    private static OciImage image(Path scratch, int layers) throws IOException {
        OciImage image = OciImage.empty(scratch.resolve("layout"), "large-" + layers);
        Path files = scratch.resolve("files");
        for (int layer = 0; layer < layers; layer++) {
            Tool.run("python3", "-c", Programs.resource("layer.py"), files.toString());
            image.with(files, "/layer-" + layer);
            TestHome.delete(files);
        }
        return image;
    }
}
