package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis instance disable}: stopped, until somebody starts it by name. */
public final class InstanceDisableCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance disable", "stop instances, and let nothing but a start wake them")
                .operands("<name|id>")
                .details(
                        "Closes the ports and keeps their numbers, the disk and the logs. Until `aegis instance start --name NAME`,\n"
                                + "neither a connection nor `aegis exec` nor the start of the daemon boots it.")
                .example("aegis instance disable box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return EachInstance.of(arguments, session)
                .ask("disabling", (daemon, name) -> daemon.disable(name).status());
    }
}
