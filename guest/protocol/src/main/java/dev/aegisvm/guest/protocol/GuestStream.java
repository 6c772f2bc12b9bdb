package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.Credit.Allowance;
import org.jspecify.annotations.Nullable;

/**
 * A byte pipe to or from the guest, or both. Reads and writes block. Each direction buffers at most 64 KiB, but what
 * comes 1 MiB when the reader has kept up with a busy stream: fewer grants for the guest, fewer stalls. What goes
 * buffers 16 KiB where memory is short.
 *
 * <p>The session's lock guards all state.
 */
public final class GuestStream implements AutoCloseable {
    private static final int GRANT_BATCH = 32768;
    private static final int WIDE_AFTER = 262_144;
    private static final int WIDE_GRANT_BATCH = Credit.WIDE / 2;
    /** What waits to be sent at first: as long as the guest takes it, that is enough. */
    private static final int FIRST_OUTBOUND = 16_384;

    private final long id;
    private final Direction direction;
    private final Session session;
    private final SessionState shared;
    private final SessionState.Lock lock;
    private final Condition readable;
    private final Condition writable;
    private final ByteRing inbound = new ByteRing(Credit.STREAM);
    private final ByteRing outbound = new ByteRing(FIRST_OUTBOUND);
    private final Credit credit = new Credit(Credit.STREAM);
    private final Allowance allowance = new Allowance(Credit.STREAM, GRANT_BATCH);
    private final InputStream in = new Input();
    private final Output out = new Output();

    private boolean inboundEnded;
    private boolean inboundUnwanted;
    private boolean outboundClosed;
    private boolean outboundEnded;
    private int taken;
    private boolean removed;
    private long held;

    private @Nullable IOException broken;

    /** The ways in which bytes go on a stream, seen from the host. */
    public enum Direction {
        TO_GUEST,
        FROM_GUEST,
        BOTH;

        boolean sends() {
            return this != FROM_GUEST;
        }

        boolean receives() {
            return this != TO_GUEST;
        }
    }

    /** What a stream needs of its session. The caller holds the session's lock. */
    interface Session {
        void enqueue(GuestStream stream);

        void grantBack(GuestStream stream, int bytes);

        /** Sends the end of a stream, or of its way to the guest. */
        void sendLast(GuestStream stream, Frame frame);

        /** Whether one more stream may have a window that is so much wider, until it is removed. */
        boolean mayWiden(int bytes);
    }

    GuestStream(long id, Direction direction, Session session, SessionState shared) {
        this.id = id;
        this.direction = direction;
        this.session = session;
        this.shared = shared;
        this.lock = shared.lock;
        this.held = atFirst(direction);
        this.readable = lock.newCondition();
        this.writable = lock.newCondition();
    }

    static int atFirst(Direction direction) {
        return (direction.receives() ? Credit.STREAM : 0) + (direction.sends() ? FIRST_OUTBOUND : 0);
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

    /** Ends what goes to the guest, and waits until all of it is on its way there, or the stream is over. */
    public void finish() {
        out.close();
        try (var _ = lock.held()) {
            while (!outboundEnded && broken == null) {
                writable.awaitUninterruptibly();
            }
        }
    }

    /** Ends both directions at once; waiting bytes are lost. Idempotent. */
    @Override
    public void close() {
        try (var _ = lock.held()) {
            boolean open = !over();
            breakWith(new IOException("the host closed the stream"));
            inbound.clear();
            settle();
            if (open) {
                session.sendLast(this, new Frame.Reset(id, ResetReason.CANCELLED));
            }
        }
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            try (var _ = lock.held()) {
                while (inbound.size() == 0 && !inboundEnded && broken == null && !inboundUnwanted) {
                    readable.awaitUninterruptibly();
                }
                if (inbound.size() == 0) {
                    return endOfInbound();
                }
                int count = Math.min(length, inbound.size());
                inbound.take(ByteBuffer.wrap(target, offset, count), count);
                consumed(count);
                settle();
                return count;
            }
        }

        @Override
        public void close() {
            try (var _ = lock.held()) {
                int dropped = inbound.size();
                inbound.clear();
                inboundUnwanted = true;
                settle();
                readable.signalAll();
                if (outboundEnded || !direction.sends()) {
                    GuestStream.this.close();
                } else {
                    consumed(dropped);
                }
            }
        }
    }

    /** Sends to the guest as soon as credit allows; there is nothing to flush. */
    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            int written = 0;
            while (written < length) {
                written += writeSome(source, offset + written, length - written);
            }
        }

        private int writeSome(byte[] source, int offset, int length) throws IOException {
            try (var _ = lock.held()) {
                while (outbound.room() == 0 && broken == null && !outboundClosed) {
                    if (!grewOutbound()) {
                        writable.awaitUninterruptibly();
                    }
                }
                if (broken != null) {
                    throw new IOException(broken.getMessage(), broken);
                }
                if (outboundClosed) {
                    throw new IOException("the stream is closed for writing");
                }
                int count = Math.min(length, outbound.room());
                outbound.put(ByteBuffer.wrap(source, offset, count));
                enqueue();
                return count;
            }
        }

        @Override
        public void close() {
            try (var _ = lock.held()) {
                outboundClosed = true;
                writable.signalAll();
                if (outbound.size() == 0) {
                    endOutbound();
                }
            }
        }
    }

    // What the guest does; the caller holds the lock.

    void received(ByteBuffer bytes) throws ProtocolViolation {
        int count = bytes.remaining();
        if (!direction.receives() || inboundEnded) {
            throw new ProtocolViolation("DATA on stream " + id + ", which is not open in this direction");
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
            throw new ProtocolViolation("EOF on stream " + id + ", which is not open in this direction");
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

    // What the session does; the caller holds the lock.

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

    /** Puts a DATA frame into the buffer, as long as both credits and the waiting bytes allow. */
    void send(ByteBuffer target, Credit connection) {
        int count = connection.within(credit.within(Math.min(outbound.size(), Frame.MAX_PAYLOAD)));
        if (count <= 0) {
            return;
        }
        Frame.dataHeader(id, count, target);
        outbound.take(target, count);
        credit.spend(count);
        connection.spend(count);
        writable.signal();
        if (outboundClosed && outbound.size() == 0) {
            endOutbound();
        }
    }

    boolean isWide() {
        return inbound.limit() == Credit.WIDE;
    }

    /** The session forgets it; what has come can still be read. */
    void removed() {
        removed = true;
        settle();
    }

    private void settle() {
        if (removed && inbound.size() == 0) {
            shared.give(held);
            held = 0;
        }
    }

    private boolean grewOutbound() {
        int more = Credit.STREAM - FIRST_OUTBOUND;
        boolean grows = outbound.limit() == FIRST_OUTBOUND && shared.grow(more);
        if (grows) {
            held += more;
            outbound.widen(Credit.STREAM);
        }
        return grows;
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
        throw new IOException(cause == null ? "the stream has ended" : cause.getMessage(), cause);
    }

    private void consumed(int count) {
        int grant = inboundEnded || broken != null ? 0 : allowance.take(count) + widened(count);
        if (grant > 0) {
            session.grantBack(this, grant);
        }
    }

    /** Widens the window if it is time to; what is to be granted for it. */
    private int widened(int count) {
        if (isWide()) {
            return 0;
        }
        taken = Math.min(WIDE_AFTER, taken + count);
        int more = Credit.WIDE - Credit.STREAM;
        if (taken < WIDE_AFTER || inbound.size() > 0 || !session.mayWiden(more)) {
            return 0;
        }
        held += more;
        inbound.widen(Credit.WIDE);
        allowance.widen(more, WIDE_GRANT_BATCH);
        return more;
    }

    private void enqueue() {
        if (sendable()) {
            session.enqueue(this);
        }
    }

    private void endOutbound() {
        if (!outboundEnded && direction.sends() && broken == null) {
            outboundEnded = true;
            writable.signalAll();
            session.sendLast(this, new Frame.Eof(id));
        }
    }
}
