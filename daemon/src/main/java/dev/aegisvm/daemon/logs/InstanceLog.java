package dev.aegisvm.daemon.logs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.LogEntry.LogStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of one instance: entries as JSON in rotated files, the latest of them also in memory, where followers find them
 * without touching a file. Writers never wait for readers.
 */
public final class InstanceLog {
    private static final System.Logger LOG = System.getLogger(InstanceLog.class.getName());
    private static final int RING_BYTES = 256 * 1024;

    private final String instanceId;
    private final Path file;
    private final Retention retention;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Line> ring = new ArrayDeque<>();
    private int ringBytes;
    private @Nullable Segments segments;
    private long dropped;
    private boolean closed;

    /** An entry in memory: where it begins, and its JSON with a newline. */
    private record Line(Position at, ByteBuffer json) {}

    InstanceLog(String instanceId, Path file, Retention retention) {
        this.instanceId = instanceId;
        this.file = file;
        this.retention = retention;
    }

    /** Adds an entry by the daemon. */
    public void system(String line) {
        append(encoded(List.of(
                new LogEntry(Instant.now(), LogStream.SYSTEM, line, LogSource.SYSTEM, instanceId, null, null))));
    }

    /**
     * Adds entries, all or none. Where they cannot be written (the disk is full, say), they are counted, and the count
     * becomes an entry as soon as there is room again: a process is not held back by its log.
     *
     * @param encoded their JSON, each without a newline
     */
    void append(List<byte[]> encoded) {
        lock.lock();
        try {
            if (!closed && !encoded.isEmpty()) {
                write(encoded);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    static List<byte[]> encoded(List<LogEntry> entries) {
        List<byte[]> encoded = new ArrayList<>(entries.size());
        for (LogEntry entry : entries) {
            encoded.add(ApiJson.write(entry));
        }
        return encoded;
    }

    String instanceId() {
        return instanceId;
    }

    /** Ends all followers; what is written from now on is dropped. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            if (segments != null) {
                segments.close();
            }
        } catch (IOException failure) {
            LOG.log(Level.WARNING, "instance=" + instanceId + " closing its log: " + failure);
        } finally {
            lock.unlock();
        }
    }

    /** Closes the log and removes its files. */
    void delete() throws IOException {
        lock.lock();
        try {
            close();
            segments().delete();
        } finally {
            lock.unlock();
        }
    }

    private void write(List<byte[]> encoded) {
        List<byte[]> lines = encoded;
        if (dropped > 0) {
            lines = new ArrayList<>(encoded);
            lines.addFirst(missing(dropped, "could not be written"));
        }
        int total = 0;
        for (byte[] line : lines) {
            total += line.length + 1;
        }
        ByteBuffer block = ByteBuffer.allocate(total);
        for (byte[] line : lines) {
            block.put(line).put((byte) '\n');
        }
        try {
            segments().write(block.flip(), lines.size());
            dropped = 0;
            remember(lines);
        } catch (IOException obstacle) {
            if (dropped == 0) {
                LOG.log(Level.WARNING, "instance=" + instanceId + " its log cannot be written: " + obstacle);
            }
            dropped += encoded.size();
        }
    }

    private void remember(List<byte[]> lines) throws IOException {
        Position end = segments().end();
        long bytes = 0;
        for (byte[] line : lines) {
            bytes += line.length + 1;
        }
        Position at = new Position(end.segment(), end.offset() - bytes, end.sequence() - lines.size());
        for (byte[] line : lines) {
            byte[] whole = Arrays.copyOf(line, line.length + 1);
            whole[line.length] = '\n';
            ring.addLast(new Line(at, ByteBuffer.wrap(whole).asReadOnlyBuffer()));
            ringBytes += whole.length;
            at = at.after(whole.length);
        }
        while (ringBytes > RING_BYTES && ring.size() > 1) {
            ringBytes -= ring.removeFirst().json().capacity();
        }
    }

    byte[] missing(long count, String why) {
        return ApiJson.write(new LogEntry(
                Instant.now(),
                LogStream.SYSTEM,
                count + " log entries " + why,
                LogSource.SYSTEM,
                instanceId,
                null,
                null));
    }

    private Segments segments() throws IOException {
        if (segments == null) {
            segments = new Segments(file, retention);
        }
        return segments;
    }

    // What follows is for LogTail.

    Position oldest() throws IOException {
        lock.lock();
        try {
            return segments().oldest();
        } finally {
            lock.unlock();
        }
    }

    Position beginningBefore(long sequence) throws IOException {
        lock.lock();
        try {
            return segments().beginningBefore(sequence);
        } finally {
            lock.unlock();
        }
    }

    Position end() throws IOException {
        lock.lock();
        try {
            return segments().end();
        } finally {
            lock.unlock();
        }
    }

    /** Opens the file of a position and says up to where it may be read; null when the file is no longer kept. */
    @Nullable
    FileChannel open(Position position) throws IOException {
        lock.lock();
        try {
            return position.segment() < segments().oldest().segment()
                    ? null
                    : segments().open(position.segment());
        } finally {
            lock.unlock();
        }
    }

    /** The entries in memory from a position on, 64 KiB or one at least; null when memory does not reach back so far. */
    @Nullable
    Batch inMemory(Position position) {
        lock.lock();
        try {
            Line first = ring.peekFirst();
            if (first == null || first.at().sequence() > position.sequence()) {
                return null;
            }
            List<ByteBuffer> lines = new ArrayList<>();
            Position after = position;
            int bytes = 0;
            for (Line line : ring) {
                if (line.at().sequence() >= position.sequence() && bytes < FileLines.BATCH_BYTES) {
                    lines.add(line.json());
                    bytes += line.json().capacity();
                    after = line.at().after(line.json().capacity());
                }
            }
            return lines.isEmpty() ? null : new Batch(lines, after);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for entries after a position; false when there will be none. */
    boolean await(Position position, BooleanSupplier cancelled) throws IOException, InterruptedException {
        lock.lock();
        try {
            while (segments().end().sequence() <= position.sequence()) {
                if (closed || cancelled.getAsBoolean()) {
                    return false;
                }
                changed.await();
            }
            return !cancelled.getAsBoolean();
        } finally {
            lock.unlock();
        }
    }

    void wakeReaders() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
