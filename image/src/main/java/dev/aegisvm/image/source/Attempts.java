package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.ImageException;

/** Tries again after failures that may be temporary, and waits longer each time. */
public record Attempts(String host, CountDownLatch closing) {
    /** How often something is tried without progress. */
    private static final int MAX_FAILURES = 6;
    /** The same where the registry's name does not resolve: the name may be wrong, and the user waits. */
    private static final int MAX_UNRESOLVED = 2;

    private static final long FIRST_WAIT_MILLIS = 300;

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
                int most = e instanceof UnknownHostException ? MAX_UNRESOLVED : MAX_FAILURES;
                if (failures >= most || pause(failures)) {
                    throw new ImageException(
                            ImageException.Reason.UNREACHABLE,
                            "cannot reach the registry " + host + ": " + e.getMessage(),
                            "check the name, and this machine's network, DNS and firewall",
                            e);
                }
            }
        }
    }

    private boolean pause(int failures) {
        long base = FIRST_WAIT_MILLIS << Math.min(failures - 1, 6);
        try {
            return closing.await(base + ThreadLocalRandom.current().nextLong(base / 2 + 1), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
