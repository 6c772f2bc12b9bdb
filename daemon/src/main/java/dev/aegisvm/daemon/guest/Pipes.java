package dev.aegisvm.daemon.guest;

import dev.aegisvm.guest.protocol.CallFailed;
import dev.aegisvm.guest.protocol.Calls.Streams;
import dev.aegisvm.guest.protocol.GuestStream;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a process.
 *
 * @param stdin null: none was asked for
 * @param stderr null: the process has a terminal, which carries both outputs
 */
record Pipes(
        @Nullable GuestStream stdin,
        GuestStream stdout,
        @Nullable GuestStream stderr) {
    static Pipes open(Streams streams, ProcessSpec spec) throws CallFailed {
        return new Pipes(
                spec.stdin() ? streams.open(Direction.TO_GUEST) : null,
                streams.open(Direction.FROM_GUEST),
                spec.tty().isPresent() ? null : streams.open(Direction.FROM_GUEST));
    }

    static @Nullable Long id(@Nullable GuestStream stream) {
        return stream == null ? null : stream.id();
    }
}
