package dev.aegisvm.image.child;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.*;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;

/**
 * The child's program: makes one image, or looks into one archive, as the lines on its stdin say, and tells of it on
 * its stdout. When stdin ends, its parent does not wait any more, and it ends too.
 *
 * <p>{@link ImageMaker} writes the lines and reads the answers.
 */
public final class ChildMain {
    private static final int GIVEN_UP = 1;
    /** Progress is told in pieces of this size at least. */
    private static final long PIECE = 1 << 20;

    private final OutputStream answers = new FileOutputStream(FileDescriptor.out);
    private final BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private long untold;

    private ChildMain() {}

    public static void main(String[] arguments) throws IOException {
        ChildMain child = new ChildMain();
        try {
            String order = child.orders.readLine();
            if (order == null) {
                giveUp();
            } else {
                child.obey(Line.parse(order));
            }
        } catch (IOException e) {
            ImageException refused = ImageException.storage("read or write the image's files", e);
            child.tell("refused", refused.reason(), refused.getMessage(), refused.hint());
        }
    }

    private void obey(Line order) throws IOException {
        Budget budget =
                new Budget(new ImageLimits(order.number(3), order.number(4), (int) order.number(5), order.number(6)));
        Path work = Path.of(order.word(1));
        List<Callable<Layer>> layers = awaitLayers((int) order.number(7));
        if (order.kind().equals("archive")) {
            ArchiveReader.files(Path.of(order.word(2)), work, budget)
                    .forEach((name, file) -> tell("file", name, file.file(), file.offset(), file.size()));
            tell("done", 0);
        } else {
            RootfsBuilder builder = new RootfsBuilder(work, budget, this::progress);
            long size = builder.build(layers, order.word(2), work.resolve(ImageMaker.MADE), () -> tell("building"));
            tell("done", size);
        }
    }

    /** Each can be called at once and waits for its blob. When there are no more orders, the process ends. */
    private List<Callable<Layer>> awaitLayers(int count) {
        List<CompletableFuture<Line>> lines =
                Stream.generate(CompletableFuture<Line>::new).limit(count).toList();
        // Otherwise a layer would be awaited for ever.
        Thread.UncaughtExceptionHandler end = (_, _) -> Runtime.getRuntime().halt(GIVEN_UP);
        Thread.ofPlatform()
                .daemon()
                .name("orders")
                .uncaughtExceptionHandler(end)
                .start(() -> {
                    orders.lines()
                            .map(Line::parse)
                            .forEach(line -> lines.get((int) line.number(1)).complete(line));
                    giveUp();
                });
        return lines.stream()
                .<Callable<Layer>>map(line -> () -> layer(line.get()))
                .toList();
    }

    private static Layer layer(Line line) throws ImageException {
        Blob blob = new Blob(Path.of(line.word(2)), line.number(3), line.number(4), Boolean.parseBoolean(line.word(5)));
        return new Layer(blob, digest(line.word(6)), digest(line.word(7)));
    }

    private static Optional<Digest> digest(String text) throws ImageException {
        return text.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(text));
    }

    private synchronized void progress(long bytes) {
        untold += bytes;
        if (untold >= PIECE) {
            tell("read", untold);
            untold = 0;
        }
    }

    private synchronized void tell(Object... words) {
        try {
            answers.write((Line.of(words) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException parentGone) {
            giveUp();
        }
    }

    /** Its client is gone, so the process ends. A rehearsal goes on, to record a start-up cache. */
    private static void giveUp() {
        if (!Boolean.getBoolean("aegis.rehearsal")) {
            Runtime.getRuntime().halt(GIVEN_UP);
        }
    }
}
