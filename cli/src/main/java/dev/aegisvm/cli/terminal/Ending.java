package dev.aegisvm.cli.terminal;

import module java.base;

/**
 * How this process ends: by itself with an exit code, or by Ctrl+C (SIGTERM, SIGHUP), where the JVM gives 128 plus the
 * signal's number after our last actions. Whichever comes first decides.
 */
public final class Ending {
    private static final AtomicBoolean DECIDED = new AtomicBoolean();
    private static final AtomicBoolean HOOKED = new AtomicBoolean();
    private static final Deque<Runnable> LAST_ACTIONS = new ConcurrentLinkedDeque<>();

    private Ending() {}

    /** What is to be done when a signal ends us; the latest comes first. */
    public static void onSignal(Runnable lastAction) {
        LAST_ACTIONS.addFirst(lastAction);
        if (HOOKED.compareAndSet(false, true)) {
            Runtime.getRuntime().addShutdownHook(new Thread(Ending::act, "last actions"));
        }
    }

    private static void act() {
        if (DECIDED.compareAndSet(false, true)) {
            LAST_ACTIONS.forEach(Runnable::run);
        }
    }

    /** Ends this process as a signal would that nobody hears. */
    public static void bySignal(int number) {
        act();
        Runtime.getRuntime().halt(128 + number);
    }

    /** A signal ends this process: what fails from now on fails because of that, and is not reported. */
    public static boolean begun() {
        return DECIDED.get();
    }

    /** Ends this process with an exit code, unless a signal already does. */
    public static void exit(int code) {
        if (DECIDED.compareAndSet(false, true)) {
            // Not System.exit: that sets up logging first, which takes longer than many a command.
            Runtime.getRuntime().halt(code);
        }
        while (true) {
            LockSupport.park();
        }
    }
}
