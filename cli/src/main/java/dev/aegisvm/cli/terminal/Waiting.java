package dev.aegisvm.cli.terminal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells a person at a terminal what takes long, in one line of stderr that goes away when it is over. */
public final class Waiting implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** To the start of the line, and erase it. */
    private static final String ERASE = "\r\u001b[K";

    private final CountDownLatch over = new CountDownLatch(1);
    private final Console console;
    private final String doing;
    private final Duration patience;
    private final long since = System.nanoTime();
    private boolean closed;
    private boolean shown;

    /** Says nothing before this much time has passed, and then once in each such while. */
    public Waiting(Console console, String doing, Duration patience) {
        this.console = console;
        this.doing = Printable.of(doing);
        this.patience = patience;
    }

    /** Waits with a person who reads stderr; does nothing when nobody does. */
    public static Waiting on(Console console, String doing) {
        Waiting waiting = new Waiting(console, doing, PATIENCE);
        if (Console.errIsTerminal()) {
            waiting.start();
        }
        return waiting;
    }

    public void start() {
        Thread thread = new Thread(this::tellUntilOver, "waiting");
        thread.setDaemon(true);
        thread.start();
    }

    private void tellUntilOver() {
        try {
            while (!over.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                tell();
            }
        } catch (InterruptedException nobodyWaits) {
            return;
        }
    }

    private synchronized void tell() {
        if (!closed) {
            shown = true;
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
            console.mutter(ERASE + "aegis: " + doing + "… " + seconds + " s");
        }
    }

    /** It is over: the line goes away. */
    @Override
    public synchronized void close() {
        closed = true;
        over.countDown();
        if (shown) {
            shown = false;
            console.mutter(ERASE);
        }
    }
}
