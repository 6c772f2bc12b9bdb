package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** Images from a registry on this machine: how long {@code aegis image pull} takes, by their size. */
final class Images {
    private static final List<Integer> LAYERS = List.of(1, 4, 8);
    /** What {@code layer.py} makes. */
    private static final double LAYER_MB = ((20 << 20) + 900 * (32 << 10)) / 1e6;

    private Images() {}

    static void pull(Sandbox sandbox, Turns turns) throws IOException {
        Path scratch = sandbox.scratch("images");
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            for (int layers : LAYERS) {
                String name = registry.push(image(scratch, layers), "large:" + layers);
                pull(sandbox, turns, name, Math.round(layers * LAYER_MB));
            }
        }
        turns.keep("images.memory", Usage.highestMb(sandbox.daemon()));
        turns.keep("images.memory.image", LAYERS.getLast() * LAYER_MB);
    }

    /** In turn with the tools that unpack the same onto the host. */
    private static void pull(Sandbox sandbox, Turns turns, String name, long megabytes) throws IOException {
        Path copied = sandbox.scratch("images").resolve("copied");
        Path bundle = copied.resolveSibling("bundle");
        turns.time("images.pull." + megabytes, () -> sandbox.aegis("image", "pull", name));
        turns.step(() -> sandbox.aegis("image", "delete", name));
        turns.time("images.pull.tools." + megabytes, () -> {
            String layout = copied + ":t";
            Tool.run("skopeo", "copy", "--quiet", "--src-tls-verify=false", "docker://" + name, "oci:" + layout);
            Tool.run("umoci", "unpack", "--image", layout, bundle.toString());
        });
        turns.step(() -> {
            TestHome.delete(copied);
            TestHome.delete(bundle);
        });
        turns.run(1, 5);
    }

    private static OciImage image(Path scratch, int layers) throws IOException {
        OciImage image = OciImage.empty(scratch.resolve("layout"), "large-" + layers);
        Path files = scratch.resolve("files");
        for (int layer = 0; layer < layers; layer++) {
            Tool.run("python3", "-c", Sandbox.resource("layer.py"), files.toString());
            image.with(files, "/layer-" + layer);
            TestHome.delete(files);
        }
        return image;
    }
}
