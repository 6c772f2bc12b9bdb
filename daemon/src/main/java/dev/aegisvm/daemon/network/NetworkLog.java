package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.gateway.audit.AuditLine;
import dev.aegisvm.gateway.audit.AuditLog;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The connections that the guest of one instance opened: kept in its directory, and followed. For all threads. */
public final class NetworkLog implements Consumer<AuditLine>, Closeable {
    private static final System.Logger LOG = System.getLogger(NetworkLog.class.getName());
    private static final long MAX_BYTES = 4L << 20;
    /** Lines that a follower may be behind; one that is slower loses some. */
    private static final int BEHIND = 1000;

    private final Path file;
    private final Set<Tail> tails = ConcurrentHashMap.newKeySet();
    private @Nullable AuditLog log;
    private boolean closed;

    NetworkLog(Path file) {
        this.file = file;
    }

    @Override
    public synchronized void accept(AuditLine line) {
        if (closed) {
            return;
        }
        try {
            open().accept(line);
        } catch (IOException obstacle) {
            LOG.log(Level.WARNING, "cannot write to " + file + ": " + obstacle);
        }
        tails.forEach(tail -> tail.lines.offer(Optional.of(line)));
    }

    private AuditLog open() throws IOException {
        AuditLog opened = log;
        if (opened == null) {
            opened = new AuditLog(file, MAX_BYTES, InstantSource.system());
            log = opened;
        }
        return opened;
    }

    /** What is kept, the oldest first. */
    public synchronized List<AuditLine> lines() throws IOException {
        return closed || (log == null && Files.notExists(file)) ? List.of() : open().lines();
    }

    /** What is kept, and then what comes until it is closed, if it follows. */
    public synchronized Tail read(boolean follow) throws IOException {
        Tail tail = new Tail(lines());
        if (follow && !closed) {
            tails.add(tail);
        } else {
            tail.close();
        }
        return tail;
    }

    /** Its instance is gone, or the daemon ends. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        tails.forEach(Tail::close);
        if (log != null) {
            log.close();
        }
    }

    /** A reader of the log; for one thread, except {@link #close}. */
    public final class Tail implements Closeable {
        private final Deque<AuditLine> kept;
        /** Empty: the end. */
        private final BlockingQueue<Optional<AuditLine>> lines = new LinkedBlockingQueue<>(BEHIND);

        private volatile boolean ended;

        private Tail(List<AuditLine> kept) {
            this.kept = new ArrayDeque<>(kept);
        }

        /** The next line; waits while there is none. Empty when there are no more. */
        public Optional<AuditLine> next() throws InterruptedException {
            if (!kept.isEmpty()) {
                return Optional.of(kept.removeFirst());
            }
            return ended && lines.isEmpty() ? Optional.empty() : lines.take();
        }

        /** Ends a {@link #next} that waits. */
        @Override
        public void close() {
            tails.remove(this);
            ended = true;
            lines.clear();
            lines.add(Optional.empty());
        }
    }
}
