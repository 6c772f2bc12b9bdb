package dev.aegisvm.image.child;

import module java.base;
import dev.aegisvm.host.Jailed;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.ImageException.Reason;

/**
 * A process that makes an image, and what is said to it and by it. It is not trusted: an image may have broken into it.
 * Its pipes are used by threads of their own, since a virtual thread that waits for a pipe would hold up others.
 */
final class Child implements AutoCloseable {
    /** For an image of 32 GB on a slow disk, from when its last layer is there. */
    private static final Duration MAX_TIME = Duration.ofMinutes(30);

    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_MESSAGE = 1000;
    /** That of {@code -XX:+ExitOnOutOfMemoryError}. */
    private static final int OUT_OF_MEMORY = 3;
    /** Those of a process that SIGXCPU or SIGKILL ended. */
    private static final int OUT_OF_CPU = 128 + 24;

    private static final int KILLED = 128 + 9;

    private final Jailed process;
    private final ExecutorService orders = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("image-orders").factory());
    private final Consumer<Child> gone;
    private final CompletableFuture<Integer> end;
    private volatile String lastWords = "";

    Child(Jailed process, Consumer<Child> gone) {
        this.process = process;
        this.end = process.exit();
        this.gone = gone;
    }

    interface News {
        void hear(Line line) throws ImageException;
    }

    /** Tells the child something. Returns at once. */
    void say(Line line) {
        orders.execute(() -> {
            try {
                process.input().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                process.input().flush();
            } catch (IOException ended) {
                // Callers that wait for its answers will be told why.
            }
        });
    }

    /** From here on nothing keeps the child waiting. */
    void saidAll() {
        var _ = end.orTimeout(MAX_TIME.toSeconds(), TimeUnit.SECONDS).exceptionally(late -> {
            kill();
            return KILLED;
        });
    }

    /** Waits until the child is done; returns its last line, and gives those before it to {@code news}. */
    Line outcome(News news) throws ImageException {
        FutureTask<Line> last = new FutureTask<>(() -> read(news));
        Thread.ofPlatform().daemon().name("image-answers").start(last);
        try {
            return last.get();
        } catch (ExecutionException e) {
            throw ImageException.in(e)
                    .orElseGet(() -> ImageException.broken("cannot read the image builder's answer: " + e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageException(Reason.STORAGE, "interrupted while building an image", "", e);
        }
    }

    private Line read(News news) throws IOException {
        InputStream said = process.output();
        for (String text = line(said); !text.isEmpty(); text = line(said)) {
            switch (text.split(" ", 2)[0]) {
                case "done" -> {
                    return Line.parse(text);
                }
                case "refused" -> throw refusal(Line.parse(text));
                case "read", "building", "file" -> news.hear(Line.parse(text));
                default -> lastWords = text;
            }
        }
        throw unexpectedEnd();
    }

    /** One without its end; empty at the end of all. */
    private static String line(InputStream said) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = said.read(); next >= 0; next = said.read()) {
            if (next == '\n' && line.size() > 0) {
                break;
            }
            if (line.size() >= MAX_LINE) {
                throw ImageException.broken("the image builder's process wrote too much output");
            }
            if (next != '\n') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static ImageException refusal(Line line) {
        Reason reason = Stream.of(Reason.values())
                .filter(each -> each.name().equals(line.word(1)))
                .findFirst()
                .orElse(Reason.BROKEN);
        return new ImageException(reason, text(line.word(2)), text(line.word(3)));
    }

    /** Names in an image may have any characters. */
    private static String text(String word) {
        String cut = word.substring(0, Math.min(word.length(), MAX_MESSAGE));
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    /** One that says nothing more has ended, or is to. */
    private ImageException unexpectedEnd() {
        kill();
        int status = process.exit().join();
        if (end.isCompletedExceptionally()) {
            return ImageException.tooLarge("building the image timed out after " + MAX_TIME.toMinutes() + " minutes");
        }
        return switch (status) {
            case OUT_OF_MEMORY ->
                ImageException.tooLarge("building the image needs more than " + ChildStart.MAX_HEAP_MB
                        + " MB of memory: it has too many files, or file names that are too long");
            case OUT_OF_CPU, KILLED ->
                ImageException.tooLarge("the image builder's process was killed: it needed more than "
                        + ChildStart.MAX_CPU_SECONDS + " s of CPU time, or the host ran out of memory");
            default ->
                ImageException.broken("the image builder's process failed with status " + status
                        + (lastWords.isEmpty() ? "" : ": " + text(lastWords)));
        };
    }

    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        kill();
        process.exit().join();
        orders.shutdown();
        gone.accept(this);
    }
}
