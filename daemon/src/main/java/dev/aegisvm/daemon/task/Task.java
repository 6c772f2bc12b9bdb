package dev.aegisvm.daemon.task;

import module java.base;
import java.lang.System.Logger.Level;

/**
 * Work that others wait for. Whatever it throws is logged and told to those who wait, so that no client waits for ever
 * because of a bug. Work without such needs no task: what it throws ends the daemon.
 */
public final class Task {
    private static final System.Logger LOG = System.getLogger(Task.class.getName());

    private Task() {}

    /** Starts it on a virtual thread; {@code failed} is told what it threw. If that fails too, the daemon ends. */
    public static Thread start(String name, Runnable work, Consumer<Throwable> failed) {
        return Thread.ofVirtual().name(name).start(() -> run(name, work, failed));
    }

    @SuppressWarnings(
            "checkstyle:IllegalCatch") // The one place where every Throwable is caught: here those who wait are told.
    public static void run(String name, Runnable work, Consumer<Throwable> failed) {
        try {
            work.run();
        } catch (Throwable bug) {
            try {
                LOG.log(Level.ERROR, name + ": internal error", bug);
            } finally {
                failed.accept(bug);
            }
            // Without memory nothing can be relied on.
            if (bug instanceof OutOfMemoryError outOfMemory && !isOfOneRequest(outOfMemory)) {
                throw outOfMemory;
            }
        }
    }

    /** The host allows no further thread, or there is no room for a further buffer outside the heap: others go on. */
    public static boolean isOfOneRequest(Error bug) {
        String message = String.valueOf(bug.getMessage());
        return bug instanceof OutOfMemoryError
                && (message.contains("native thread")
                        || message.contains("direct buffer")
                        || message.contains("direct memory"));
    }

    /** Ends the daemon for a bug that was caught where none can be told. */
    public static void fatal(Throwable bug) {
        Thread.ofVirtual().name("fatal").start(() -> {
            throw new IllegalStateException("aegisd cannot continue: " + bug, bug);
        });
    }

    /** Starts it on a virtual thread; the future has its result, or what it threw. Exceptions are not logged. */
    public static <T> CompletableFuture<T> call(String name, Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable completing = () -> {
            try {
                result.complete(work.call());
            } catch (Exception outcome) {
                result.completeExceptionally(outcome);
            }
        };
        start(name, completing, result::completeExceptionally);
        return result;
    }
}
