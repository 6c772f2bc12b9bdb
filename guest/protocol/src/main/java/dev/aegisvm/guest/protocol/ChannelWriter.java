package dev.aegisvm.guest.protocol;

import module java.base;

/**
 * Writes to the channel what the outbox has next, until the session is over. It can be made to keep silent, so that nothing is on its
 * way to the guest.
 */
final class ChannelWriter {
    private final ByteChannel channel;
    private final Outbox outbox;
    private final SessionLock lock;
    private final BooleanSupplier over;
    private final Condition work;
    /** Nothing is sent but by {@link #alone}. */
    private boolean silent;

    private boolean writing;

    /**
     * Writes nothing before {@link #run}.
     *
     * @param lock guards the outbox, and what {@code over} tells: whether the session is
     */
    ChannelWriter(ByteChannel channel, Outbox outbox, SessionLock lock, BooleanSupplier over) {
        this.channel = channel;
        this.outbox = outbox;
        this.lock = lock;
        this.over = over;
        this.work = lock.newCondition();
    }

    /** There may be something to write, or the session is over. The caller holds the lock. */
    void wake() {
        work.signalAll();
    }

    void run() throws IOException {
        ByteBuffer out = ByteBuffer.allocateDirect(Outbox.BUFFER);
        while (next(out)) {
            write(out.flip());
            out.clear();
        }
    }

    private boolean next(ByteBuffer out) {
        try (var _ = lock.held()) {
            writing = false;
            work.signalAll();
            while (!over.getAsBoolean() && (silent || outbox.idle())) {
                work.awaitUninterruptibly();
            }
            writing = !over.getAsBoolean();
            if (writing) {
                outbox.fill(out);
            }
            return writing;
        }
    }

    private void write(ByteBuffer out) throws IOException {
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    /** Sends this message of one frame after all that is on its way, and nothing else until the task is done. */
    void alone(byte[] json, Duration timeout, Multiplexer.IoTask task) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(Frame.MAX_SIZE);
        FrameCodec.encode(new Frame.Control(false, ByteBuffer.wrap(json)), frame);
        fallSilent(timeout);
        CompletableFuture<Void> written =
                new CompletableFuture<Void>().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
        var _ = written.exceptionally(late -> {
            hangUp(late);
            return null;
        });
        try {
            write(frame.flip());
            written.complete(null);
            task.run();
        } finally {
            written.complete(null);
            speak();
        }
    }

    /** The guest does not read: whoever waits for it hears that. */
    private void hangUp(Throwable late) {
        try {
            channel.close();
        } catch (IOException gone) {
            late.addSuppressed(gone);
        }
    }

    private void speak() {
        try (var _ = lock.held()) {
            silent = false;
            wake();
        }
    }

    private void fallSilent(Duration timeout) throws IOException {
        try (var _ = lock.held()) {
            if (silent) {
                throw new IOException("it is being saved already");
            }
            silent = true;
            for (long left = timeout.toNanos(); writing && !over.getAsBoolean(); left = work.awaitNanos(left)) {
                if (left <= 0) {
                    speak();
                    throw new IOException("the guest does not read what it is sent");
                }
            }
        } catch (InterruptedException stop) {
            speak();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
