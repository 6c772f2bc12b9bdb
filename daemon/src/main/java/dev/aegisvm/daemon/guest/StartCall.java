package dev.aegisvm.daemon.guest;

import dev.aegisvm.guest.protocol.CallFailed;
import dev.aegisvm.guest.protocol.Calls;
import dev.aegisvm.guest.protocol.Calls.Streams;
import dev.aegisvm.guest.protocol.FromGuest;
import dev.aegisvm.guest.protocol.ToGuest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The start of one process: opens its streams and enters it among the running ones, in the moment the call is made. */
final class StartCall implements Calls.Wish<FromGuest.Started> {
    private final ProcessSpec spec;
    private final Processes processes;
    private final GuestProcess.CallSender sender;
    private @Nullable GuestProcess process;

    StartCall(ProcessSpec spec, Processes processes, GuestProcess.CallSender sender) {
        this.spec = spec;
        this.processes = processes;
        this.sender = sender;
    }

    /** The process, once it was entered. */
    Optional<GuestProcess> process() {
        return Optional.ofNullable(process);
    }

    @Override
    public ToGuest<FromGuest.Started> with(Streams streams) throws CallFailed {
        Pipes pipes = Pipes.open(streams, spec);
        GuestProcess entered = new GuestProcess(spec.execId(), pipes, sender);
        processes.add(entered);
        process = entered;
        return new ToGuest.Start(
                spec.execId().equals(ProcessSpec.MAIN) ? null : spec.execId(),
                spec.command(),
                spec.env(),
                spec.cwd().orElse(null),
                spec.user().orElse(null),
                spec.tty()
                        .map(size -> new ToGuest.Tty(size.rows(), size.cols()))
                        .orElse(null),
                Pipes.id(pipes.stdin()),
                pipes.stdout().id(),
                Pipes.id(pipes.stderr()));
    }
}
