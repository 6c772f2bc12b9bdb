package dev.aegisvm.cli.terminal;

import module java.base;

/** One line of stderr that tells a person at a terminal what takes long. It goes away when that is over. */
public final class StatusLine implements AutoCloseable {
    /** To the start of the line, and erase it. */
    private static final String ERASE = "\r\u001b[K";

    private final CountDownLatch over = new CountDownLatch(1);
    private final Console console;
    private final boolean terminal;
    private boolean shown;

    /** @param terminal whether a person reads stderr; else nothing is shown */
    StatusLine(Console console, boolean terminal) {
        this.console = console;
        this.terminal = terminal;
    }

    /** An empty line, for {@link #show}. */
    public static StatusLine on(Console console) {
        return new StatusLine(console, Console.errIsTerminal());
    }

    /** Says what is being done, and for how long, once that takes a second. */
    public static StatusLine waiting(Console console, String doing) {
        return waiting(console, () -> doing);
    }

    /** The same, where what is being done changes. */
    public static StatusLine waiting(Console console, Supplier<String> doing) {
        return on(console).repeat(seconds(doing), Duration.ofSeconds(1));
    }

    static Supplier<String> seconds(Supplier<String> doing) {
        long since = System.nanoTime();
        return () ->
                Printable.of(doing.get()) + "… " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since) + " s";
    }

    public StatusLine repeat(Supplier<String> text, Duration interval) {
        if (!terminal) {
            return this;
        }
        Thread.ofPlatform().daemon().name("status line").start(() -> {
            try {
                while (!over.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                    show(text.get());
                }
            } catch (InterruptedException stop) {
                return;
            }
        });
        return this;
    }

    public synchronized void show(String line) {
        if (terminal && over.getCount() > 0) {
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
