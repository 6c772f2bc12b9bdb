package dev.aegisvm.daemon;

import module java.base;
import module java.logging;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.host.OpenFile;
import java.util.logging.Formatter;
import org.jspecify.annotations.Nullable;

/** The daemon's log: one line for each thing that happens, on stderr. */
final class StderrLog extends StreamHandler {
    /** What a guest says can be part of a line; it does not get more than this. */
    private static final int LONGEST = 8192;

    private StderrLog(PrintStream stderr) {
        super(stderr, new Line());
        setLevel(Level.ALL);
    }

    /** Makes it the only log; to be called before anything logs. Capped if stderr is this file: no other is ours to empty. */
    static void install(Path log, boolean verbose) throws IOException {
        PrintStream stderr = OpenFile.STDERR.is(log)
                ? new PrintStream(new CappedLog(System.err, log, CappedLog.LIMIT), true, StandardCharsets.UTF_8)
                : System.err;
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
        super.publish(record);
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

    /**
     * The daemon's stderr when that is the log file of its home: at its limit, what is there becomes the older file and the
     * log begins again. The file is emptied and not replaced, since the starter of the daemon opened it, for
     * appending.
     */
    static final class CappedLog extends FilterOutputStream {
        /** The log and the older file have at most so many bytes each. */
        static final long LIMIT = 10L * 1024 * 1024;

        private final Path file;
        private final Path older;
        private final long limit;
        private long size;

        /** @param out appends to the file */
        CappedLog(OutputStream out, Path file, long limit) throws IOException {
            super(out);
            this.file = file;
            this.older = file.resolveSibling(file.getFileName() + ".1");
            this.limit = limit;
            this.size = Files.size(file);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        /** Writes it, or drops it if there is no room that can be made. */
        @Override
        public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            if (size + length > limit) {
                beginAgain();
            }
            out.write(bytes, offset, length);
            size += length;
        }

        private void beginAgain() throws IOException {
            out.flush();
            try {
                Files.copy(file, older, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException full) {
                // Better half of what was than a disk that stays full.
                Files.deleteIfExists(older);
            }
            try (FileChannel log = FileChannel.open(file, StandardOpenOption.WRITE)) {
                log.truncate(0);
            }
            size = 0;
        }
    }
}
