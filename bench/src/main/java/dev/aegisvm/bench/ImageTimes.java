package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.*;

/** Images from a registry on this machine: how long they take to come, and to be run. */
final class ImageTimes {
    private static final int LAYERS = 8;
    private static final int LARGE = 20 << 20;
    private static final int SMALL = 32 << 10;
    private static final int SMALL_ONES = 900;
    private static final String REPEATED = "what is said again and again";
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private ImageTimes() {}

    /** {@code aegis image pull} of 400 MB in 8 layers, and the tools that unpack the same onto the host. */
    static void pull(Sandbox sandbox, Turns turns) throws IOException {
        Path scratch = sandbox.scratch("images");
        try (LocalRegistry registry = LocalRegistry.open(scratch);
                DaemonClient client = sandbox.client()) {
            String name = registry.push(large(scratch), "large:1");
            TimedProcess puller = sandbox.aegis("image", "pull", name);
            Metric pull = turns.time("images.pull", "400 MB in 8 layers until they can be booted", puller::output);
            turns.step(() -> sandbox.aegis("image", "delete", name).output());
            Path copied = scratch.resolve("copied");
            Path bundle = scratch.resolve("bundle");
            Metric tools = turns.time("images.pull.tools", "  skopeo copy and umoci unpack of the same", () -> {
                String layout = copied + ":t";
                Tool.run("skopeo", "copy", "--quiet", "--src-tls-verify=false", "docker://" + name, "oci:" + layout);
                Tool.run("umoci", "unpack", "--image", layout, bundle.toString());
            });
            turns.step(() -> TestHome.delete(copied));
            turns.step(() -> TestHome.delete(bundle));
            pull.atMostTimes(1, tools)
                    .note("against the next row, in turn with it; files of 32 KB and 20 MB, half noise, gzipped");
            turns.run(1, 5);
            double peak = ProcFile.highestMb(client.call(Routes.STATUS).pid());
            turns.value("images.memory", "  the most memory that the daemon ever had, all of it", "MB", peak)
                    .atMost(256);
        }
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
    static void run(Sandbox sandbox, Turns turns) throws IOException {
        Path scratch = sandbox.scratch("image");
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            OciImage image = OciImage.empty(scratch.resolve("layout"), "small")
                    .with(BUSYBOX, "/bin/busybox")
                    .with(BUSYBOX, "/bin/echo");
            String name = registry.push(image, "small:1");
            // An image gets a template of its own after its first start.
            sandbox.awaitTemplate(Sandbox.ECHO.withImageRef(name));
            if (sandbox.emulated()) {
                runFromSpare(sandbox, name, turns);
            }
            againstBase(sandbox, name, turns, "", () -> {});
            turns.run(2, 100);
            sandbox.aegis("image", "delete", name).output();
        }
    }

    private static void runFromSpare(Sandbox sandbox, String name, Turns turns) throws IOException {
        try (Sandbox sparing = sandbox.withSpare()) {
            // The first start tells the daemon which machine to keep.
            sparing.aegis("run", "--", "echo", "hi").millisOf("hi\n");
            try (SpareWatch spares = new SpareWatch(sparing.home().daemonLog())) {
                againstBase(sparing, name, turns, ".spare", spares::awaitNext);
                turns.run(2, 30);
            }
        }
    }

    private static void againstBase(Sandbox sandbox, String image, Turns turns, String origin, Turns.Task before) {
        TimedProcess ofImage = sandbox.aegis("run", "--image", image, "--", "echo", "hi");
        TimedProcess ofBase = sandbox.aegis("run", "--", "echo", "hi");
        String name = "images.run" + origin;
        String how = origin.isEmpty() ? "from a template" : "from a spare";
        String title = "`aegis run --image … -- echo hi`, " + how + ", whole process";
        turns.step(before);
        Metric run = turns.each(name, title, () -> ofImage.millisOf("hi\n"));
        String inTurn = "  `aegis run -- echo hi`, in turn with it";
        turns.step(before);
        Metric base = turns.each(name + ".base", inTurn, () -> ofBase.millisOf("hi\n"));
        run.atMostMore(15, base).note("the target is 15 ms more than without an image");
    }
}
