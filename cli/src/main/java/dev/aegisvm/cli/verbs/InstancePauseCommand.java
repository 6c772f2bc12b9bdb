package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis instance pause}: the VM is halted, and keeps its memory. */
public final class InstancePauseCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance pause", "halt running instances where they are")
                .operands("<name|id>")
                .details(
                        "A paused VM uses no CPU and keeps its memory. `aegis instance resume` and `aegis exec` let it go on.")
                .example("aegis instance pause box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return EachInstance.of(arguments, session)
                .ask("pausing", (daemon, name) -> daemon.pause(name).status());
    }
}
