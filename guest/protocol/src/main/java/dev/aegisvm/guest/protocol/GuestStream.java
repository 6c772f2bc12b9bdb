package dev.aegisvm.guest.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A byte pipe to or from the guest, or both. Reads and writes block; each direction buffers at most 64 KiB. What comes by a
 * stream that has brought much, to a reader who keeps up, may be 1 MiB: fewer grants for the guest to take, fewer stalls.
 *
 * <p>All state is guarded by the multiplexer's lock.
 */
public final class GuestStream {
    private static final int GRANT_BATCH = 32768;
    private static final int WIDE_AFTER = 262_144;
    private static final int WIDE_GRANT_BATCH = Credit.WIDE / 2;

    private final long id;
    private final Direction direction;
    private final Multiplexer mux;
    private final ReentrantLock lock;
    private final Condition readable;
    private final Condition writable;
    private final ByteRing inbound = new ByteRing();
    private final ByteRing outbound = new ByteRing();
    private final Credit credit = new Credit(Credit.STREAM);
    private final Allowance allowance = new Allowance(Credit.STREAM, GRANT_BATCH);
    private final InputStream in = new StreamInput(this);
    private final OutputStream out = new StreamOutput(this);

    private boolean inboundEnded;
    private boolean inboundUnwanted;
    private boolean outboundClosed;
    private boolean outboundEnded;
    private boolean queued;
    private int taken;
    private boolean wide;
    private @Nullable IOException broken;

    GuestStream(long id, Direction direction, Multiplexer mux, ReentrantLock lock) {
        this.id = id;
        this.direction = direction;
        this.mux = mux;
        this.lock = lock;
        this.readable = lock.newCondition();
        this.writable = lock.newCondition();
    }

    /** Its number in control messages, 1..2^32-1. */
    public long id() {
        return id;
    }

    /** From the guest. Closing it tells the guest that the rest is not wanted. */
    public InputStream in() {
        return in;
    }

    /** To the guest. Closing it is the end of this direction, after what was written. */
    public OutputStream out() {
        return out;
    }

    /** Ends both directions at once; waiting bytes are lost. Does nothing on a stream that is over. */
    public void reset(ResetReason reason) {
        lock.lock();
        try {
            if (over()) {
                return;
            }
            breakWith(new StreamReset("the stream was closed here", reason));
            inbound.clear();
            mux.sendReset(this, reason);
        } finally {
            lock.unlock();
        }
    }

    // What the application does.

    int read(byte[] target, int offset, int length) throws IOException {
        lock.lock();
        try {
            while (inbound.size() == 0 && !inboundEnded && broken == null && !inboundUnwanted) {
                readable.awaitUninterruptibly();
            }
            if (inbound.size() == 0) {
                return endOfInbound();
            }
            int count = Math.min(length, inbound.size());
            inbound.take(ByteBuffer.wrap(target, offset, count), count);
            consumed(count);
            return count;
        } finally {
            lock.unlock();
        }
    }

    int available() {
        lock.lock();
        try {
            return inbound.size();
        } finally {
            lock.unlock();
        }
    }

    int write(byte[] source, int offset, int length) throws IOException {
        lock.lock();
        try {
            while (outbound.room() == 0 && broken == null && !outboundClosed) {
                writable.awaitUninterruptibly();
            }
            if (broken != null) {
                throw new IOException(broken.getMessage(), broken);
            }
            if (outboundClosed) {
                throw new IOException("the stream is closed for writing");
            }
            int count = Math.min(length, outbound.room());
            outbound.put(source, offset, count);
            enqueue();
            return count;
        } finally {
            lock.unlock();
        }
    }

    void closeOut() {
        lock.lock();
        try {
            outboundClosed = true;
            writable.signalAll();
            if (outbound.size() == 0) {
                endOutbound();
            }
        } finally {
            lock.unlock();
        }
    }

    void closeIn() {
        lock.lock();
        try {
            int dropped = inbound.size();
            inbound.clear();
            inboundUnwanted = true;
            readable.signalAll();
            if (outboundEnded || !direction.sends()) {
                reset(ResetReason.CANCELLED);
            } else {
                consumed(dropped);
            }
        } finally {
            lock.unlock();
        }
    }

    // What the guest does; the caller holds the lock.

    void received(ByteBuffer bytes) throws ProtocolViolation {
        int count = bytes.remaining();
        if (!direction.receives() || inboundEnded) {
            throw new ProtocolViolation("DATA on stream " + id + ", which has no such direction open");
        }
        if (!allowance.spend(count)) {
            throw new ProtocolViolation("more DATA on stream " + id + " than was granted");
        }
        if (inboundUnwanted) {
            consumed(count);
            return;
        }
        inbound.put(bytes);
        readable.signal();
    }

    void receivedEof() throws ProtocolViolation {
        if (!direction.receives() || inboundEnded) {
            throw new ProtocolViolation("EOF on stream " + id + ", which has no such direction open");
        }
        inboundEnded = true;
        readable.signalAll();
    }

    void receivedCredit(long bytes) throws ProtocolViolation {
        if (!direction.sends()) {
            throw new ProtocolViolation("CREDIT on stream " + id + ", on which nothing is sent");
        }
        credit.add(bytes);
        enqueue();
    }

    // What the multiplexer does; the caller holds the lock.

    /** Readers get what is buffered, then this; writers get it at once. */
    void breakWith(IOException cause) {
        if (broken == null) {
            broken = cause;
        }
        outbound.clear();
        readable.signalAll();
        writable.signalAll();
    }

    boolean sendable() {
        return outbound.size() > 0 && credit.within(1) > 0;
    }

    void leftTheQueue() {
        queued = false;
    }

    /** Puts a DATA frame into the buffer, as long as both credits and the waiting bytes allow. */
    void send(ByteBuffer target, Credit connection) {
        int count = connection.within(credit.within(Math.min(outbound.size(), Frame.MAX_PAYLOAD)));
        if (count <= 0) {
            return;
        }
        FrameCodec.dataHeader(id, count, target);
        outbound.take(target, count);
        credit.spend(count);
        connection.spend(count);
        writable.signal();
        if (outboundClosed && outbound.size() == 0) {
            endOutbound();
        }
    }

    /** Whether what it may hold is more than that of others. */
    boolean isWide() {
        return wide;
    }

    /** Whether no frame may go either way any more. */
    boolean over() {
        return broken != null || ((inboundEnded || !direction.receives()) && (outboundEnded || !direction.sends()));
    }

    private int endOfInbound() throws IOException {
        if (inboundUnwanted) {
            throw new IOException("the stream is closed for reading");
        }
        if (inboundEnded) {
            return -1;
        }
        IOException cause = broken;
        throw new IOException(cause == null ? "the stream is over" : cause.getMessage(), cause);
    }

    private void consumed(int count) {
        int grant = inboundEnded || broken != null ? 0 : allowance.take(count) + widened(count);
        if (grant > 0) {
            mux.grantBack(this, grant);
        }
    }

    /** Widens the window if it is time to; what is to be granted for it. */
    private int widened(int count) {
        if (wide) {
            return 0;
        }
        taken = Math.min(WIDE_AFTER, taken + count);
        wide = taken == WIDE_AFTER && inbound.size() == 0 && mux.mayWiden();
        if (!wide) {
            return 0;
        }
        int more = Credit.WIDE - Credit.STREAM;
        inbound.widen(Credit.WIDE);
        allowance.widen(more, WIDE_GRANT_BATCH);
        return more;
    }

    private void enqueue() {
        if (!queued && sendable()) {
            queued = true;
            mux.enqueue(this);
        }
    }

    private void endOutbound() {
        if (!outboundEnded && direction.sends() && broken == null) {
            outboundEnded = true;
            mux.sendEof(this);
        }
    }
}
