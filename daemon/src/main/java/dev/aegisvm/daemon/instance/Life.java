package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import io.avaje.jsonb.Json;

/** How long an instance stays. What follows from it is decided by {@link Transitions} alone. */
@Json(typeProperty = "kind")
@Json.SubType(type = Life.Stays.class, name = "stays")
@Json.SubType(type = Life.UntilMainEnds.class, name = "until_main_ends")
@Json.SubType(type = Life.OfClient.class, name = "of_client")
public sealed interface Life {
    /** When the instance is deleted, whatever it does. */
    Optional<Instant> end();

    record Stays(Optional<Instant> end) implements Life {
        public static final Stays FOREVER = new Stays(Optional.empty());
    }

    /** Until its main process has ended, it was stopped by a request, or a daemon starts. */
    record UntilMainEnds(Optional<Instant> end) implements Life {}

    /** As long as the client to which its main process belongs; that has a terminal of this size. */
    record OfClient(Optional<TerminalSize> tty, Optional<Instant> end) implements Life {}

    default void show(InstanceViewBuilder view) {
        view.ephemeral(this instanceof OfClient)
                .autoRemove(this instanceof UntilMainEnds)
                .expiresAt(end().orElse(null));
    }

    /** What a request asks for, and what holds where it says nothing. */
    default Life asked(CreateInstance request) {
        String ttl = request.ttl();
        Optional<Instant> until = ttl == null
                ? end()
                : IdleTimeout.parse("ttl", ttl).limit().map(Instant.now().truncatedTo(ChronoUnit.MILLIS)::plus);
        if (Boolean.TRUE.equals(request.ephemeral())) {
            return new OfClient(Optional.ofNullable(request.tty()), until);
        }
        if (request.tty() != null) {
            throw ErrorCode.BAD_REQUEST.refusal("'tty' needs 'ephemeral': true", "use an exec with a tty");
        }
        boolean ends = Objects.requireNonNullElse(request.autoRemove(), this instanceof UntilMainEnds);
        return ends ? new UntilMainEnds(until) : new Stays(until);
    }

    /** That of a fork that is made so long after its parent; it belongs to no client. */
    default Life forked(Duration later) {
        Optional<Instant> until = end().map(end -> end.plus(later));
        return this instanceof UntilMainEnds ? new UntilMainEnds(until) : new Stays(until);
    }
}
