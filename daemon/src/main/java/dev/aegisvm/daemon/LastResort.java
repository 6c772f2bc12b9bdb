package dev.aegisvm.daemon;

import module java.base;
import java.lang.System.Logger.Level;

/**
 * Ends the daemon when a thread dies of something unexpected that no {@code Task} tells those who wait. A
 * daemon that ends is noticed and started again; one that lacks a thread looks alive and answers nothing.
 */
final class LastResort implements Thread.UncaughtExceptionHandler {
    /** The exit code, which is also that of the JVM with {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int BROKEN = 3;

    private static final System.Logger LOG = System.getLogger(LastResort.class.getName());
    private static final Duration TIME_TO_END = Duration.ofSeconds(30);

    private final Semaphore died = new Semaphore(0);
    private volatile boolean ending;
    private volatile int status;

    private LastResort() {}

    /** Makes it what all threads come to. The thread that sees to the end is started now: later there may be none. */
    static LastResort install() {
        LastResort handler = new LastResort();
        Thread.ofPlatform().daemon().name("last-resort").start(handler::end);
        Thread.setDefaultUncaughtExceptionHandler(handler);
        return handler;
    }

    /** The daemon ends in order from here on; threads that are cut off in it are no reason. */
    void ending() {
        ending = true;
    }

    int status() {
        return status;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable bug) {
        try {
            LOG.log(Level.ERROR, "thread '" + thread.getName() + "' died" + (ending ? "" : "; aegisd ends"), bug);
        } finally {
            if (!ending) {
                status = BROKEN;
                died.release();
            }
        }
    }

    /** In order, if there can be a thread for that, and it does not take too long. */
    private void end() {
        died.acquireUninterruptibly();
        try {
            var _ = Thread.ofPlatform()
                    .daemon()
                    .name("end-broken")
                    .start(() -> System.exit(BROKEN))
                    .join(TIME_TO_END);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            Runtime.getRuntime().halt(BROKEN);
        }
    }
}
