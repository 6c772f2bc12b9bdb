package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis instance stop}: the VM ends in order, the instance stays. */
public final class InstanceStopCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance stop", "stop instances; their disks stay")
                .operands("<name|id>")
                .details(
                        "The main process gets SIGTERM, and SIGKILL 5 s later; what was written is kept. The instance stays enabled.\n"
                                + "One that is stopped already stays so. `aegis instance start --name NAME` starts it again.")
                .example("aegis instance stop box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return EachInstance.of(arguments, session)
                .ask("stopping", (daemon, name) -> daemon.stop(name).status());
    }
}
