package dev.aegisvm.daemon.idle;

import module java.base;

/**
 * What uses an instance from outside, counted: it stays awake while there is any. What needs a guest begins a use
 * before it asks the instance to be awake, and ends it when it is done. For all threads.
 */
public final class Uses {
    private final Map<Kind, Integer> counts = new ConcurrentHashMap<>();
    private volatile long lastAt = System.nanoTime();
    private volatile Optional<Keepalive> keepalive = Optional.empty();

    private record Keepalive(Instant until, long endsAt) {}

    public enum Kind {
        /** A connection to a port of the guest, from the accept on. */
        CONNECTION("a connection is open", "connections are open"),
        /** A connection that the guest opens, until it is there. */
        DIAL("its guest is opening a connection", "connections are being opened by its guest"),
        /** A process that a client started, from the request on. */
        EXEC("an exec is running", "execs are running"),
        /** A client that is joined with the main process. */
        CLIENT("a client is attached", "clients are attached"),
        FILE_COPY("files are being copied", "file copies are running");

        private final String one;
        private final String several;

        Kind(String one, String several) {
            this.one = one;
            this.several = several;
        }

        private String text(int count) {
            return count == 1 ? one : count + " " + several;
        }
    }

    /** A use that has begun; only the first close ends it. */
    @FunctionalInterface
    public interface Use extends AutoCloseable {
        @Override
        void close();
    }

    public Use begin(Kind kind) {
        touch();
        counts.merge(kind, 1, Integer::sum);
        AtomicBoolean ended = new AtomicBoolean();
        return () -> {
            if (ended.compareAndSet(false, true)) {
                touch();
                counts.merge(kind, -1, Integer::sum);
            }
        };
    }

    public void touch() {
        lastAt = System.nanoTime();
    }

    public int count(Kind kind) {
        return counts.getOrDefault(kind, 0);
    }

    /** Keeps it awake for some time from now on, in place of what was asked before; returns until when. */
    public Instant keepAwake(Duration time) {
        Instant until = Instant.now().plus(time).truncatedTo(ChronoUnit.MILLIS);
        keepalive = Optional.of(new Keepalive(until, System.nanoTime() + time.toNanos()));
        return until;
    }

    /** Ends that early; nothing happens when there is none. */
    public void letSleep() {
        if (keptAwakeUntil().isPresent()) {
            touch();
        }
        keepalive = Optional.empty();
    }

    public Optional<Instant> keptAwakeUntil() {
        long now = System.nanoTime();
        return keepalive.filter(held -> held.endsAt() - now > 0).map(Keepalive::until);
    }

    /** How long ago the last use or keepalive ended, or the last use began; meaningless while there is one. */
    public Duration sinceLast() {
        long now = System.nanoTime();
        long since = now - lastAt;
        long sinceKeepalive = keepalive.map(held -> now - held.endsAt()).orElse(since);
        return Duration.ofNanos(sinceKeepalive < 0 ? since : Math.min(since, sinceKeepalive));
    }

    /** What uses it, as a part of a sentence; empty when nothing does. */
    public Optional<String> text() {
        StringBuilder text = new StringBuilder();
        for (Kind kind : Kind.values()) {
            int count = count(kind);
            if (count > 0) {
                text.append(text.isEmpty() ? "" : ", ").append(kind.text(count));
            }
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text.toString());
    }
}
