package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis instance resume}: a paused VM goes on. */
public final class InstanceResumeCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance resume", "let paused instances go on")
                .operands("<name|id>")
                .details("The clock of the guest is set before anything goes on.")
                .example("aegis instance resume box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return EachInstance.of(arguments, session)
                .ask("resuming", (daemon, name) -> daemon.resume(name).status());
    }
}
