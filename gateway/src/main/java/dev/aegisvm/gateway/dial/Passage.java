package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.gateway.policy.Destination;

/** A connection that was let pass, from the decision to its end, of which it makes a line in the log. */
public final class Passage implements AutoCloseable {
    private final AuditLineBuilder line;
    private final FirstFlight firstFlight;
    private final SocketChannel channel;
    private final Consumer<AuditLine> ended;
    private final long begin = System.nanoTime();
    private final LongAdder up = new LongAdder();
    private final LongAdder down = new LongAdder();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param channel in blocking mode; nothing was sent over it yet */
    Passage(AuditLineBuilder line, FirstFlight firstFlight, SocketChannel channel, Consumer<AuditLine> ended) {
        this.line = line;
        this.firstFlight = firstFlight;
        this.channel = channel;
        this.ended = ended;
    }

    public FirstFlight firstFlight() {
        return firstFlight;
    }

    /** Where it leads, with the address that was dialled, unless that is a proxy's. */
    public Destination destination() {
        return firstFlight.destination();
    }

    public SocketChannel channel() {
        return channel;
    }

    public void sent(long bytes) {
        up.add(bytes);
    }

    public void received(long bytes) {
        down.add(bytes);
    }

    /** It was let pass, and then something came up; to be called before the end. */
    public void refused(Refusal why) {
        synchronized (line) {
            line.verdict(AuditLine.REFUSED).reason(why.sentence());
        }
    }

    /** Closes the channel, gives back its place, and writes its line. Idempotent. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            try (channel) {
                synchronized (line) {
                    ended.accept(line.bytesUp(up.sum())
                            .bytesDown(down.sum())
                            .durationMs(
                                    Duration.ofNanos(System.nanoTime() - begin).toMillis())
                            .build());
                }
            }
        }
    }
}
