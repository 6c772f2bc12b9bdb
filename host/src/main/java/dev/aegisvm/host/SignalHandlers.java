package dev.aegisvm.host;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * Signals that this process hears while it runs. The JVM leaves them alone ({@code -Xrs}): its own handlers would write
 * to stderr when a signal comes before it is ready. A signal that is not heard does what it does to any program. The
 * functions are in {@code host/signals}, as native methods: every command that can be interrupted waits for them.
 */
public final class SignalHandlers {
    private final Map<Integer, Runnable> actions = new ConcurrentHashMap<>();
    private final Path library;
    private @Nullable Thread listener;

    /** @param library with the functions; where there is none, nothing is heard */
    public SignalHandlers(Path library) {
        this.library = library;
    }

    /** Runs an action at each signal, on its own thread, instead of the default; the first action stays. */
    public synchronized void on(int signal, Runnable action) {
        if (actions.putIfAbsent(signal, action) == null && (listener != null || open())) {
            hear(signal);
        }
    }

    /** Hears nothing more. At its end the JVM waits up to 0.3 s for a thread that reads, so call this just before. */
    public synchronized void close() {
        if (listener != null) {
            tell(0);
            try {
                listener.join(Duration.ofSeconds(1));
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("restricted") // Our programs run with native access enabled.
    private boolean open() {
        if (Files.exists(library)) {
            System.load(library.toAbsolutePath().toString());
            Path told = Path.of("/proc/self/fd/" + pipe());
            if (Files.isReadable(told)) {
                listener = Thread.ofPlatform().daemon().name("signals").start(() -> follow(told));
            }
        }
        return listener != null;
    }

    private void follow(Path told) {
        try (InputStream signals = Files.newInputStream(told)) {
            for (int signal = signals.read(); signal > 0; signal = signals.read()) {
                Thread.ofPlatform().daemon().name("signal").start(actions.get(signal));
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static native int pipe();

    private static native int hear(int signal);

    private static native void tell(int signal);
}
