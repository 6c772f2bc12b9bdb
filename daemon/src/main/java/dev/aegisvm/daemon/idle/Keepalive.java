package dev.aegisvm.daemon.idle;

import module java.base;

/** A client's request to keep an instance awake for some time. The latest one counts. For all threads. */
public final class Keepalive {
    private record Lease(Instant until, long endsAt) {}

    private final Uses uses;
    private Optional<Lease> lease = Optional.empty();

    /** @param uses is told when a lease is given back */
    public Keepalive(Uses uses) {
        this.uses = uses;
    }

    /** Holds it awake from now on; returns until when. */
    public synchronized Instant hold(Duration time) {
        Instant until = Instant.now().plus(time).truncatedTo(ChronoUnit.MILLIS);
        lease = Optional.of(new Lease(until, System.nanoTime() + time.toNanos()));
        return until;
    }

    public synchronized void release() {
        if (until().isPresent()) {
            uses.touch();
        }
        lease = Optional.empty();
    }

    /** Until when it is held awake; empty when it is not. */
    public synchronized Optional<Instant> until() {
        return lease.filter(held -> held.endsAt() - System.nanoTime() > 0).map(Lease::until);
    }

    /** How long ago the last lease ran out; empty when there is none that did, or one goes on. */
    public synchronized Optional<Duration> sinceEnd() {
        return lease.map(held -> Duration.ofNanos(System.nanoTime() - held.endsAt()))
                .filter(ago -> !ago.isNegative());
    }
}
