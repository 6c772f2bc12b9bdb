package dev.aegisvm.cli.terminal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One line of stderr that tells a person at a terminal what takes long. It goes away when that is over. */
public final class StatusLine implements AutoCloseable {
    /** To the start of the line, and erase it. */
    private static final String ERASE = "\r\u001b[K";

    private final CountDownLatch over = new CountDownLatch(1);
    private final Console console;
    private final Supplier<String> text;
    private boolean shown;

    StatusLine(Console console, Supplier<String> text) {
        this.console = console;
        this.text = text;
    }

    /** Says what is being done, and for how long, once that takes a second; nobody is told who does not read stderr. */
    public static StatusLine waiting(Console console, String doing) {
        return onTerminal(console, seconds(doing), Duration.ofSeconds(1));
    }

    /** Shows a text, and again after each interval. */
    static StatusLine onTerminal(Console console, Supplier<String> text, Duration interval) {
        StatusLine line = new StatusLine(console, text);
        if (Console.errIsTerminal()) {
            line.start(interval);
        }
        return line;
    }

    static Supplier<String> seconds(String doing) {
        long since = System.nanoTime();
        String safe = Printable.of(doing);
        return () -> safe + "… " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since) + " s";
    }

    void start(Duration interval) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!over.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                            show(text.get());
                        }
                    } catch (InterruptedException nobodyWaits) {
                        return;
                    }
                },
                "status line");
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized void show(String line) {
        if (over.getCount() > 0) {
            shown = true;
            console.mutter(ERASE + "aegis: " + line);
        }
    }

    @Override
    public synchronized void close() {
        over.countDown();
        if (shown) {
            shown = false;
            console.mutter(ERASE);
        }
    }
}
