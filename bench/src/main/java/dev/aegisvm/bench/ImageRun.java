package dev.aegisvm.bench;

import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.LocalRegistry;
import dev.aegisvm.testkit.OciImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code aegis run --image} of an image that is here, and in turn with it the same without an image. */
final class ImageRun implements Measure {
    private static final int MOST_RUNS = 100;
    private static final int MOST_SPARES = 30;
    private static final int WARM_UP = 2;
    private static final int STARTS_BEFORE_A_TEMPLATE = 200;
    private static final double WISH_MORE_MILLIS = 15;
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private final AcceleratorFile accelerator;

    /** A measure with what the daemon uses. */
    ImageRun(AcceleratorFile accelerator) {
        this.accelerator = accelerator;
    }

    @Override
    public String title() {
        return "aegis run --image";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        Path scratch = sandbox.scratch("image");
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            OciImage image = OciImage.empty(scratch.resolve("layout"), "small")
                    .with(BUSYBOX, "/bin/busybox")
                    .with(BUSYBOX, "/bin/echo");
            return take(sandbox, registry.push(image, "small:1"), runs);
        } finally {
            Sandbox.remove(scratch);
        }
    }

    private List<Row> take(Sandbox sandbox, String name, int runs) throws IOException {
        awaitTemplate(sandbox, name);
        List<Row> rows = new ArrayList<>();
        Pairs plain = new Pairs(sandbox, name);
        for (int i = -WARM_UP; i < Math.min(runs, MOST_RUNS); i++) {
            plain.take(i >= 0, () -> {});
        }
        if (accelerator.emulated()) {
            rows.addAll(
                    fromSpares(sandbox, name, Math.min(runs, MOST_SPARES)).rows("images.run.spare", "from a spare"));
        }
        rows.addAll(plain.rows("images.run", "from a template"));
        sandbox.aegis("image", "delete", name).run();
        return rows;
    }

    private static Pairs fromSpares(Sandbox sandbox, String name, int runs) throws IOException {
        try (Sandbox sparing = sandbox.withSpare()) {
            sparing.up();
            // The first start tells the daemon which machine to keep.
            sparing.aegis("run", "--", "echo", "hi").millisOf("hi\n");
            try (SpareWatch spares = SpareWatch.of(sparing.daemonLog())) {
                Pairs pairs = new Pairs(sparing, name);
                for (int i = -WARM_UP; i < runs; i++) {
                    pairs.take(i >= 0, spares::awaitNext);
                }
                return pairs;
            }
        }
    }

    /** An image gets a template of its own after its first start, while others go on. */
    private static void awaitTemplate(Sandbox sandbox, String name) throws IOException {
        CreateInstance create = Sandbox.wish(Sandbox.ECHO, name, null, List.of());
        String mode = "";
        try (DaemonClient client = sandbox.client()) {
            for (int i = 0; i < STARTS_BEFORE_A_TEMPLATE && !mode.equals("template"); i++) {
                String id = sandbox.startAndAwaitOutput(client, create);
                mode = sandbox.boot(client, id).mode();
                client.delete(id);
            }
        }
        if (!mode.equals("template")) {
            throw new IOException("instances of an image do not start from its template but '" + mode + "'");
        }
    }

    /** What has to be before each start. */
    private interface Before {
        void await() throws IOException;
    }

    /** Both ways of one daemon, in turn. */
    private static final class Pairs {
        private final TimedProcess ofImage;
        private final TimedProcess ofBase;
        private final List<Double> image = new ArrayList<>();
        private final List<Double> base = new ArrayList<>();

        Pairs(Sandbox sandbox, String name) {
            ofImage = sandbox.aegis("run", "--image", name, "--", "echo", "hi");
            ofBase = sandbox.aegis("run", "--", "echo", "hi");
        }

        void take(boolean counts, Before before) throws IOException {
            before.await();
            double one = ofImage.millisOf("hi\n");
            before.await();
            double other = ofBase.millisOf("hi\n");
            if (counts) {
                image.add(one);
                base.add(other);
            }
        }

        List<Row> rows(String name, String how) {
            Row ofBaseImage = Row.of(name + ".base", "  `aegis run -- echo hi`, in turn with it", "ms", base);
            Row row = Row.of(name, "`aegis run --image … -- echo hi`, " + how + ", whole process", "ms", image);
            return List.of(
                    row.judged(Verdict.atMost(ofBaseImage.p50() + WISH_MORE_MILLIS, row.p50(), "ms"))
                            .note("the wish is 15 ms more than without an image"),
                    ofBaseImage);
        }
    }
}
