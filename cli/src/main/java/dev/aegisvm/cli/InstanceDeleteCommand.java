package dev.aegisvm.cli;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code aegis instance delete}: the VM, the disk, the logs and the record. */
final class InstanceDeleteCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance delete", "remove an instance with its disk and logs")
                .operand("<name|id>")
                .example("aegis instance delete box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            daemon.delete(arguments.operand());
            session.console().line(Printable.of(arguments.operand()).concat(": deleted"));
            return 0;
        }
    }
}
