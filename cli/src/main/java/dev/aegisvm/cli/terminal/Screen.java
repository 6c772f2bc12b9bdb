package dev.aegisvm.cli.terminal;

import module java.base;
import dev.aegisvm.host.Terminal;

/** The whole screen of a terminal, until it is closed: then what was there before is there again. */
public final class Screen implements AutoCloseable {
    /** Another screen without a cursor, on which the terminal cuts long lines. */
    private static final String OPEN = "\u001b[?1049h\u001b[?25l\u001b[?7l";

    private static final String CLOSE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
    private static final String TOP = "\u001b[H";
    /** Erases what is left of a line, and goes to the next one as raw mode needs it. */
    private static final String END_OF_LINE = "\u001b[K\r\n";

    private static final String REST_OF_SCREEN = "\u001b[J";
    private static final int CTRL_C = 3;

    private final Console console;
    private final Optional<Terminal> terminal = Terminal.ofStdin();
    private final BlockingQueue<Integer> keys = new LinkedBlockingQueue<>();
    private final AtomicBoolean open = new AtomicBoolean(true);

    /** Takes the screen over; a signal that ends this process gives it back. */
    public Screen(Console console) {
        this.console = console;
        Ending.onSignal(this::close);
        terminal.ifPresent(Terminal::raw);
        write(OPEN);
        Thread.ofPlatform().daemon().name("keys").start(this::readKeys);
    }

    private void readKeys() {
        try {
            for (int key = console.in().read(); key >= 0; key = console.in().read()) {
                keys.add(key);
            }
        } catch (IOException noKeys) {
            return;
        }
    }

    /** Shows a text from the top on, as many lines as there is room for. */
    public void show(String text) {
        write(text.lines()
                .limit(Terminal.size().rows() - 1L)
                .collect(Collectors.joining(END_OF_LINE, TOP, END_OF_LINE + REST_OF_SCREEN)));
    }

    /** Waits for so long, less when something is typed; whether that is q or Ctrl+C. */
    public boolean awaitQuit(Duration limit) {
        try {
            Integer key = keys.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
            return key != null && (key == 'q' || key == CTRL_C);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void write(String text) {
        try {
            console.print(text);
        } catch (IOException gone) {
            keys.add(CTRL_C);
        }
    }

    @Override
    public void close() {
        if (open.getAndSet(false)) {
            write(CLOSE);
            terminal.ifPresent(Terminal::close);
        }
    }
}
