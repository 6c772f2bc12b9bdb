package dev.aegisvm.cli.terminal;

import module java.base;
import dev.aegisvm.api.Build;
import dev.aegisvm.host.*;

/**
 * How this process ends: by itself with an exit code, or by Ctrl+C (SIGTERM, SIGHUP) after our last actions, with 128
 * plus the signal's number. Whichever comes first decides. Where there is no last action, the signal ends us at once.
 */
public final class Ending {
    private static final AtomicBoolean DECIDED = new AtomicBoolean();
    private static final Deque<Runnable> LAST_ACTIONS = new ConcurrentLinkedDeque<>();
    private static final SignalHandlers SIGNALS = new SignalHandlers(Build.file("libaegis-signals.so"));
    private static final CompletableFuture<Integer> DONE = new CompletableFuture<>();

    private Ending() {}

    /** What is to be done when a signal ends us; the latest comes first. */
    public static void onSignal(Runnable lastAction) {
        LAST_ACTIONS.addFirst(lastAction);
        for (int signal : List.of(Posix.SIGHUP, Posix.SIGINT, Posix.SIGTERM)) {
            hear(signal, () -> bySignal(signal));
        }
    }

    /** Does something at each signal, in place of what it did before. */
    public static void hear(int signal, Runnable action) {
        SIGNALS.on(signal, action);
    }

    public static void bySignal(int number) {
        if (DECIDED.compareAndSet(false, true)) {
            try {
                LAST_ACTIONS.forEach(Runnable::run);
            } finally {
                halt(128 + number);
            }
        }
    }

    /** Not System.exit: that sets up logging first, which takes longer than many a command. */
    private static void halt(int code) {
        SIGNALS.close();
        Runtime.getRuntime().halt(code);
    }

    /** For a last action: lets the command end by itself, for so long at most; whether it has done what it is about. */
    public static boolean awaitDone(Duration limit) {
        return DONE.completeOnTimeout(-1, limit.toMillis(), TimeUnit.MILLISECONDS)
                        .join()
                == 0;
    }

    /** A signal ends this process: what fails from now on fails because of that, and is not reported. */
    public static boolean begun() {
        return DECIDED.get();
    }

    /** Ends this process with an exit code, unless a signal already does. */
    public static void exit(int code) {
        if (DECIDED.compareAndSet(false, true)) {
            halt(code);
        }
        DONE.complete(code);
        while (true) {
            LockSupport.park();
        }
    }
}
