package dev.aegisvm.cli.verbs;

import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import java.io.IOException;

/** {@code aegis instance delete}: the VM, the disk, the logs and the record. */
public final class InstanceDeleteCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance delete", "remove instances with their disks and logs")
                .operands("<name|id>")
                .details("In whatever state they are. Nothing of them can be had back.")
                .example("aegis instance delete box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return EachInstance.of(arguments, session)
                .ask("deleting", (daemon, name) -> daemon.delete(name).status());
    }
}
