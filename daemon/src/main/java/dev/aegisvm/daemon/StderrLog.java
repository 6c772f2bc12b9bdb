package dev.aegisvm.daemon;

import module java.base;
import module java.logging;
import dev.aegisvm.daemon.logs.EventLog;
import java.util.logging.Formatter;
import org.jspecify.annotations.Nullable;

/** The daemon's log: one line for each thing that happens, on stderr. */
final class StderrLog extends Handler {
    /** What a guest says can be part of a line; it does not get more than this. */
    private static final int LONGEST = 8192;

    private final PrintStream stderr;

    private StderrLog(PrintStream stderr) {
        this.stderr = stderr;
        setFormatter(new Line());
    }

    /** Makes it the only log; to be called before anything logs. */
    static void install(PrintStream stderr, boolean verbose) {
        System.setProperty("java.util.logging.manager", Kept.class.getName());
        Logger root = Logger.getLogger("");
        for (Handler other : root.getHandlers()) {
            root.removeHandler(other);
        }
        root.addHandler(new StderrLog(stderr));
        root.setLevel(Level.INFO);
        Logger ours = Logger.getLogger("dev.aegisvm");
        ours.setLevel(verbose ? Level.FINE : Level.INFO);
        // Loggers are held weakly; this one's level has to last.
        Kept.held = ours;
    }

    @Override
    public void publish(LogRecord record) {
        if (isLoggable(record)) {
            stderr.print(getFormatter().format(record));
        }
    }

    @Override
    public void flush() {
        stderr.flush();
    }

    @Override
    public void close() {
        flush();
    }

    /**
     * The time, the level, and the message in one line; control characters of a guest's text are made visible. Events
     * are JSON and stay as they are, for programs.
     */
    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord record) {
            if (EventLog.LOGGER.equals(record.getLoggerName())) {
                return record.getMessage() + '\n';
            }
            StringBuilder line = new StringBuilder()
                    .append(record.getInstant().truncatedTo(ChronoUnit.MILLIS))
                    .append(' ')
                    .append(record.getLevel().getName())
                    .append(' ');
            formatMessage(record)
                    .codePoints()
                    .limit(LONGEST)
                    .forEach(point -> line.appendCodePoint(Character.isISOControl(point) ? '\uFFFD' : point));
            line.append('\n');
            if (record.getThrown() != null) {
                StringWriter trace = new StringWriter();
                record.getThrown().printStackTrace(new PrintWriter(trace));
                line.append(trace);
            }
            return line.toString();
        }
    }

    /** Java's own manager removes all handlers when the JVM begins to end, which is when we log a lot. */
    public static final class Kept extends LogManager {
        static @Nullable Logger held;

        @Override
        public void reset() {
            // Never.
        }
    }
}
