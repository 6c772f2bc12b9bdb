package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.api.*;

/** A connection that was let pass, from the decision to its end, of which it makes a line in the log. */
public final class Passage implements AutoCloseable {
    private final AuditLineBuilder line;
    private final FirstFlight firstFlight;
    private final Consumer<AuditLine> audit;
    private final Runnable ended;
    private final long begin = System.nanoTime();
    private final LongAdder up = new LongAdder();
    private final LongAdder down = new LongAdder();
    private final AtomicBoolean closed = new AtomicBoolean();

    Passage(AuditLineBuilder line, FirstFlight firstFlight, Consumer<AuditLine> audit, Runnable ended) {
        this.line = line;
        this.firstFlight = firstFlight;
        this.audit = audit;
        this.ended = ended;
    }

    public FirstFlight firstFlight() {
        return firstFlight;
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

    /** Gives back its place, and writes its line. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            ended.run();
            synchronized (line) {
                audit.accept(line.bytesUp(up.sum())
                        .bytesDown(down.sum())
                        .durationMs(Duration.ofNanos(System.nanoTime() - begin).toMillis())
                        .build());
            }
        }
    }
}
