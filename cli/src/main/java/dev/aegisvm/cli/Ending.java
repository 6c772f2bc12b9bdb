package dev.aegisvm.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * How this process ends: by itself with an exit code, or by Ctrl+C (SIGTERM, SIGHUP), where the JVM gives 128 plus the
 * signal's number after our last action. Whichever comes first decides.
 */
final class Ending {
    private static final AtomicBoolean DECIDED = new AtomicBoolean();

    private Ending() {}

    /** What is to be done when a signal ends us. */
    static void onSignal(Runnable lastAction) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (DECIDED.compareAndSet(false, true)) {
                                lastAction.run();
                            }
                        },
                        "last action"));
    }

    /** A signal is ending us; failures that it causes are none. */
    static boolean begun() {
        return DECIDED.get();
    }

    /** Ends this process with an exit code, unless a signal already does. */
    static void exit(int code) {
        if (DECIDED.compareAndSet(false, true)) {
            // Not System.exit: that sets up logging first, which takes longer than many a command.
            Runtime.getRuntime().halt(code);
        }
        while (true) {
            LockSupport.park();
        }
    }
}
