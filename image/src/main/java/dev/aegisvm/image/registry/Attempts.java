package dev.aegisvm.image.registry;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tries again after failures that may be temporary, and waits longer each time. */
public final class Attempts {
    private final String host;
    private final int limit;
    private final Duration first;
    private final CountDownLatch closing;

    /**
     * Tries for one registry.
     *
     * @param limit how often something is tried without progress
     * @param first the first wait; each one is twice the one before
     * @param closing ends a wait
     */
    public Attempts(String host, int limit, Duration first, CountDownLatch closing) {
        this.host = host;
        this.limit = limit;
        this.first = first;
        this.closing = closing;
    }

    /** Something to try. */
    interface Step<T> {
        T run() throws ImageException, IOException;

        /** Bytes so far. While they grow, failures do not count. */
        default long progress() {
            return 0;
        }
    }

    <T> T run(Step<T> step) throws ImageException {
        int failures = 0;
        while (true) {
            long before = step.progress();
            try {
                return step.run();
            } catch (IOException e) {
                failures = step.progress() > before ? 1 : failures + 1;
                if (failures >= limit || pause(failures)) {
                    throw new ImageException(
                            ImageException.Reason.UNREACHABLE,
                            "the registry " + host + " cannot be read: " + e.getMessage(),
                            "check that it runs and can be reached from this machine",
                            e);
                }
            }
        }
    }

    /** Waits; true when it is to give up. */
    private boolean pause(int failures) {
        long base = first.toMillis() << Math.min(failures - 1, 6);
        try {
            return closing.await(base + ThreadLocalRandom.current().nextLong(base / 2 + 1), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** A failure that may be temporary. */
    static final class TransientFailure extends IOException {
        private static final long serialVersionUID = 1L;

        TransientFailure(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
