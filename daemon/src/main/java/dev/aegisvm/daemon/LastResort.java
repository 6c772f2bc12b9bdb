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
    private static final long SECONDS_TO_END = 30;

    private final CountDownLatch died = new CountDownLatch(1);
    private final CountDownLatch cannotEnd = new CountDownLatch(1);
    private volatile boolean ending;
    private volatile int status;

    private LastResort() {}

    /** Makes it what all threads come to. The thread that sees to the end is started now: later there may be none. */
    static LastResort install() {
        LastResort handler = new LastResort();
        Thread.ofPlatform().daemon().name("last-resort").start(handler::endWithForce);
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
                end();
            }
        }
    }

    private void end() {
        status = BROKEN;
        died.countDown();
        boolean begun = false;
        try {
            // Not on the thread that died: the end may wait for it.
            Thread.ofPlatform().daemon().name("end-broken").start(() -> System.exit(BROKEN));
            begun = true;
        } finally {
            if (!begun) {
                cannotEnd.countDown();
            }
        }
    }

    private void endWithForce() {
        try {
            died.await();
            var _ = cannotEnd.await(SECONDS_TO_END, TimeUnit.SECONDS);
            Runtime.getRuntime().halt(BROKEN);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
