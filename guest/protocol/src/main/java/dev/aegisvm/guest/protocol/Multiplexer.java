package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.Credit.Allowance;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.jspecify.annotations.Nullable;

/**
 * Many streams and the control messages over one channel.
 *
 * <p>One thread reads, one writes; they end when the channel is closed. The reader is a platform thread: a virtual one
 * is woken through the poller, which is twice the work for each piece of a busy connection. It never waits for a
 * consumer. Credit bounds what may arrive; more than that ends the session.
 */
public final class Multiplexer {
    /** Streams open at a time; each may hold 64 KiB a direction, or be one of {@link #MAX_WIDE}. */
    static final int MAX_STREAMS = 1024;

    /** Streams that are wide at a time: they add a quarter to what a guest can make the daemon hold. */
    static final int MAX_WIDE = 16;

    /** Credit is granted in frames of this size, while the guest can still send a quarter of its window. */
    private static final int GRANT_ALONE = Credit.CONNECTION * 3 / 4;

    /** The connection is granted this much along with a stream. */
    private static final int GRANT_ALONG = Credit.CONNECTION / 4;

    private static final long MAX_ID = 0xFFFFFFFFL;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ByteChannel channel;
    private final SessionState shared;
    private final SessionState.Lock lock;
    private final Condition work;
    private final Outbox outbox = new Outbox();
    /** Held while bytes from the outbox, or others, are written. Taken before the lock. */
    private final SessionState.Lock writing = new SessionState.Lock(true);

    private final Allowance allowance = new Allowance(Credit.CONNECTION, GRANT_ALONE);
    private final Map<Long, GuestStream> streams = new HashMap<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final CountDownLatch threads = new CountDownLatch(2);
    private final ControlHandler handler;
    private final HelloSearch hello;
    private final FrameReader reader;
    private long highest;
    private int wide;
    private @Nullable IOException over;

    /** Whatever is sent on the channel comes behind HELLO, and need not wait for the answer. */
    Multiplexer(ByteChannel channel, Memory memory, ControlHandler handler) {
        this.channel = channel;
        this.handler = handler;
        UUID nonce = new UUID(RANDOM.nextLong(), RANDOM.nextLong());
        this.hello = new HelloSearch(nonce);
        this.reader = new FrameReader(channel, memory, this::received, handler);
        this.shared = new SessionState(memory);
        this.lock = shared.lock;
        this.work = lock.newCondition();
        outbox.add(new Frame.Hello(nonce));
    }

    /** Gets the control messages of a session, on its reading thread. */
    interface ControlHandler extends FrameReader.WholeMessages {
        /** The guest has answered HELLO; what comes next is of this session. Must not block. */
        void greeted();

        void over(IOException cause);
    }

    void start() {
        try {
            Thread.ofPlatform().daemon().name("guest-reader").start(() -> untilOver(this::readAll));
        } catch (OutOfMemoryError noThread) {
            threads.countDown();
            end(new IOException("cannot start a thread for the guest's channel: " + noThread.getMessage(), noThread));
        }
        Thread.ofVirtual().name("guest-writer").start(() -> untilOver(this::writeAll));
    }

    /** Opens a stream; the caller names it to the guest in a call that is queued before any other opens one. */
    GuestStream open(Direction direction) throws CallFailed {
        try (var _ = lock.held()) {
            if (over != null) {
                throw CallFailed.sessionOver(over);
            }
            if (streams.size() >= MAX_STREAMS || highest >= MAX_ID) {
                throw new CallFailed(CallFailed.TOO_MANY, "limit of " + streams.size() + " open streams reached");
            }
            shared.take(GuestStream.atFirst(direction));
            GuestStream stream = new GuestStream(++highest, direction, new Outgoing(), shared);
            streams.put(stream.id(), stream);
            return stream;
        }
    }

    /** Drops a stream that the guest does not know, since it refused the call that named it. */
    void forget(GuestStream stream) {
        try (var _ = lock.held()) {
            remove(stream);
            stream.breakWith(new IOException("the guest refused the stream"));
        }
    }

    /** Queues a control message of at most {@link FrameReader#MAX_MESSAGE} bytes; it goes before all waiting bulk. */
    void sendMessage(byte[] json) {
        try (var _ = lock.held()) {
            int start = 0;
            do {
                int end = Math.min(json.length, start + Frame.MAX_PAYLOAD);
                send(new Frame.Control(end < json.length, ByteBuffer.wrap(json, start, end - start)));
                start = end;
            } while (start < json.length);
        }
    }

    /** Waits until all that is being written is on its way. Until this is closed, only {@link #sendAlone} sends. */
    SessionState.Lock alone(Duration timeout) throws IOException {
        try {
            if (!writing.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("the guest does not read its data, or is being saved already");
            }
            return writing;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Sends a message of one frame before all that is queued, for a task that has the channel alone. */
    void sendAlone(byte[] json, Duration timeout) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(Frame.MAX_SIZE);
        new Frame.Control(false, ByteBuffer.wrap(json)).encode(frame);
        CompletableFuture<Void> written = new CompletableFuture<>();
        // A part of it cannot be taken back: the guest that does not read it loses its session.
        var _ = written.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).exceptionally(late -> {
            end(new IOException("the guest does not read its data", late));
            return null;
        });
        try {
            write(frame.flip());
        } finally {
            written.complete(null);
        }
    }

    CompletableFuture<Void> closed() {
        return closed.copy();
    }

    void close() {
        end(new IOException("the host closed the session"));
    }

    // What arrives, from the reader.

    private void readAll() throws IOException {
        if (reader.skipTo(hello)) {
            handler.greeted();
            reader.run();
        }
    }

    private void received(Frame frame) throws ProtocolViolation {
        try (var _ = lock.held()) {
            switch (frame) {
                case Frame.Data(long id, ByteBuffer bytes) -> receivedData(id, bytes);
                case Frame.Credit(long id, long bytes) -> grant(id, bytes);
                case Frame.Eof(long id) -> {
                    GuestStream stream = known(id);
                    if (stream != null) {
                        stream.receivedEof();
                        removeIfOver(stream);
                    }
                }
                case Frame.Reset(long id, ResetReason reason) -> {
                    GuestStream stream = known(id);
                    if (stream != null) {
                        remove(stream);
                        stream.breakWith(new IOException("the guest reset the stream: " + reason));
                    }
                }
                case Frame.Hello _ -> throw new ProtocolViolation("HELLO in the middle of a session");
                case Frame.Control _ -> throw new IllegalArgumentException("a control frame is not expected here");
            }
        }
    }

    private void receivedData(long id, ByteBuffer bytes) throws ProtocolViolation {
        int count = bytes.remaining();
        if (!allowance.spend(count)) {
            throw new ProtocolViolation("more DATA on the connection than was granted");
        }
        GuestStream stream = known(id);
        if (stream != null) {
            stream.received(bytes);
        }
        grantConnection(allowance.take(count));
    }

    private void grantConnection(int bytes) {
        if (bytes > 0) {
            send(new Frame.Credit(0, bytes));
        }
    }

    private void grant(long id, long bytes) throws ProtocolViolation {
        if (id == 0) {
            outbox.grant(bytes);
            work.signal();
            return;
        }
        GuestStream stream = known(id);
        if (stream != null) {
            stream.receivedCredit(bytes);
        }
    }

    private @Nullable GuestStream known(long id) throws ProtocolViolation {
        if (id > highest) {
            throw new ProtocolViolation("frame for stream " + id + ", which was never opened");
        }
        return streams.get(id);
    }

    // What leaves; the caller holds the lock.

    private void send(Frame frame) {
        if (over == null) {
            outbox.add(frame);
            work.signal();
        }
    }

    private final class Outgoing implements GuestStream.Session {
        @Override
        public void enqueue(GuestStream stream) {
            if (outbox.add(stream)) {
                work.signal();
            }
        }

        /** Grants to the connection too, if something is due: one write for the guest instead of two. */
        @Override
        public void grantBack(GuestStream stream, int bytes) {
            grantConnection(allowance.owed(GRANT_ALONG));
            send(new Frame.Credit(stream.id(), bytes));
        }

        @Override
        public void sendLast(GuestStream stream, Frame frame) {
            send(frame);
            removeIfOver(stream);
        }

        @Override
        public boolean mayWiden(int bytes) {
            if (wide == MAX_WIDE || !shared.grow(bytes)) {
                return false;
            }
            wide++;
            return true;
        }
    }

    private void removeIfOver(GuestStream stream) {
        if (stream.over()) {
            remove(stream);
        }
    }

    private void remove(GuestStream stream) {
        if (streams.remove(stream.id()) != null) {
            wide -= stream.isWide() ? 1 : 0;
            stream.removed();
        }
    }

    private void writeAll() throws IOException {
        ByteBuffer out = ByteBuffer.allocateDirect(Outbox.BUFFER);
        while (awaitWork()) {
            try (var _ = writing.held()) {
                fill(out);
                write(out.flip());
            }
            out.clear();
        }
    }

    private boolean awaitWork() {
        try (var _ = lock.held()) {
            while (over == null && outbox.idle()) {
                work.awaitUninterruptibly();
            }
            return over == null;
        }
    }

    private void fill(ByteBuffer out) {
        try (var _ = lock.held()) {
            if (over == null) {
                outbox.fill(out);
            }
        }
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    // The end.

    private void untilOver(IoTask task) {
        try {
            task.run();
            end(new IOException("the guest closed its channel"));
        } catch (IOException e) {
            end(e);
        } catch (RuntimeException | Error e) { // Whatever it is: without this thread the session would wait forever.
            end(new ProtocolViolation("an unexpected message: " + e, e));
        } finally {
            threads.countDown();
        }
    }

    /** Ends the session but keeps the channel open for the next one. Called on the reading thread, which then stops. */
    void leave() {
        end(new IOException("the session was closed"), false);
    }

    /** Waits until neither thread uses the channel, after {@link #leave}; false when that takes too long. */
    boolean awaitLeft(Duration timeout) throws InterruptedException {
        return threads.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void end(IOException cause) {
        end(cause, true);
    }

    private void end(IOException cause, boolean hangUp) {
        try (var _ = lock.held()) {
            if (over != null) {
                return;
            }
            over = cause;
            IOException broken = new IOException("the guest session is over: " + cause.getMessage(), cause);
            streams.values().forEach(stream -> stream.breakWith(broken));
            streams.clear();
            shared.end();
            work.signalAll();
        }
        if (hangUp) {
            closeChannel();
        }
        handler.over(cause);
        // Listeners may block, so not on this thread.
        Thread.startVirtualThread(() -> complete(cause));
    }

    private void complete(IOException cause) {
        if (cause instanceof ProtocolViolation) {
            closed.completeExceptionally(cause);
        } else {
            closed.complete(null);
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            // The session is over either way, and its reason is the earlier one.
        }
    }

    public interface IoTask {
        void run() throws IOException;
    }
}
