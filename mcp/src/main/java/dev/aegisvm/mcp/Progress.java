package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.client.DaemonException;
import org.jspecify.annotations.Nullable;

/** Tells a client that asked for it what a call is waiting for, so that neither it nor a person takes it for stuck. */
final class Progress {
    private static final long SECONDS_BETWEEN = 2;

    private final BiConsumer<Double, String> notify;
    private final long begin = System.nanoTime();

    /** @param notify takes the seconds since the call began, and a line */
    Progress(BiConsumer<Double, String> notify) {
        this.notify = notify;
    }

    void tell(String line) {
        notify.accept(seconds(), line);
    }

    private double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Does something that can take long, and tells every other second that it is still being done. */
    <T> T during(String what, Callable<T> work) throws IOException {
        CompletableFuture<T> result = begin(what, work);
        while (true) {
            try {
                return result.get(SECONDS_BETWEEN, TimeUnit.SECONDS);
            } catch (TimeoutException still) {
                tell(what + " (" + Math.round(seconds()) + " s)");
            } catch (ExecutionException failure) {
                throw rethrown(failure.getCause());
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new DaemonException("interrupted", stop);
            }
        }
    }

    /** Does something on a thread of its own; the future has its result, or what it threw. */
    static <T> CompletableFuture<T> begin(String what, Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().name(what).start(() -> {
            try {
                result.complete(work.call());
            } catch (Exception | StackOverflowError | OutOfMemoryError failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    private static IOException rethrown(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException refusal) {
            throw refusal;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof IOException obstacle ? obstacle : new IOException(cause);
    }
}
