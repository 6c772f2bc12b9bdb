package dev.aegisvm.daemon.logs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.LogEntry.*;
import dev.aegisvm.daemon.logs.Segments.Position;
import dev.aegisvm.host.HostError;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The log of one instance: entries as JSON in rotated files. Writers never wait for readers. */
public final class InstanceLog {
    private static final System.Logger LOG = System.getLogger(InstanceLog.class.getName());

    private final String instanceId;
    private final Path file;
    private final Retention retention;
    private final BiFunction<String, String, byte[]> notice;
    private @Nullable Segments segments;
    private final Set<String> hidden = new HashSet<>();
    private volatile SecretMask mask = SecretMask.NONE;
    /** How many entries in a row could not be written. */
    private long dropped;

    private boolean closed;

    InstanceLog(String instanceId, Path file, Retention retention, BiFunction<String, String, byte[]> notice) {
        this.instanceId = instanceId;
        this.file = file;
        this.retention = retention;
        this.notice = notice;
    }

    /** What is written from now on has none of these values of secrets, nor of those that it was told before. */
    public synchronized void hide(Collection<String> values) {
        hidden.addAll(values);
        mask = new SecretMask(hidden);
    }

    public SecretMask mask() {
        return mask;
    }

    public void system(String line) {
        append(List.of(entry(line)));
    }

    byte[] entry(String line) {
        return notice.apply(instanceId, line);
    }

    static byte[] system(String instanceId, String line) {
        return ApiJson.write(
                new LogEntry(Instant.now(), LogStream.SYSTEM, line, LogSource.SYSTEM, instanceId, null, null));
    }

    /**
     * Adds entries, JSON without a newline, all or none. If they cannot be written, because the disk is full for
     * example, they are counted, and the count becomes an entry as soon as there is room again: a process does not wait
     * for its log.
     */
    public synchronized void append(List<byte[]> encoded) {
        if (!closed && !encoded.isEmpty()) {
            write(encoded);
            notifyAll();
        }
    }

    String instanceId() {
        return instanceId;
    }

    /** Ends all followers; what is written from now on is dropped. */
    synchronized void close() {
        closed = true;
        notifyAll();
        try {
            if (segments != null) {
                segments.close();
            }
        } catch (IOException failure) {
            LOG.log(Level.WARNING, "instance=" + instanceId + " closing its log: " + HostError.text(failure));
        }
    }

    synchronized void delete() throws IOException {
        close();
        segments().delete();
    }

    private void write(List<byte[]> encoded) {
        List<byte[]> lines = encoded;
        if (dropped > 0) {
            lines = new ArrayList<>(encoded);
            lines.addFirst(entry(dropped + " log entries could not be written"));
        }
        int bytes = lines.stream().mapToInt(line -> line.length + 1).sum();
        ByteBuffer block = ByteBuffer.allocate(bytes);
        lines.forEach(line -> block.put(line).put((byte) '\n'));
        try {
            segments().write(block.flip(), lines.size());
            dropped = 0;
        } catch (IOException obstacle) {
            if (dropped == 0) {
                LOG.log(
                        Level.WARNING,
                        "instance=" + instanceId + " its log cannot be written: " + HostError.text(obstacle));
            }
            dropped += encoded.size();
        }
    }

    /** Its files; found when they are needed. */
    synchronized Segments segments() throws IOException {
        if (segments == null) {
            segments = new Segments(file, retention);
        }
        return segments;
    }

    /** Waits for entries after a position; false when there will be none, or none in the time of the query. */
    synchronized boolean await(Position position, LogQuery query, BooleanSupplier cancelled)
            throws IOException, InterruptedException {
        while (segments().end().sequence() <= position.sequence()) {
            long patience = query.patience();
            if (closed || cancelled.getAsBoolean() || patience <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, patience);
        }
        return !cancelled.getAsBoolean();
    }

    synchronized void wakeReaders() {
        notifyAll();
    }
}
