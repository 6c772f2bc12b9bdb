package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatusView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code aegis up}: starts the daemon in the background. */
public final class UpCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("start the daemon")
                .details("Does nothing when it is running. Commands that need the daemon start it themselves.")
                .example("aegis up");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        try (DaemonClient client = session.daemon()) {
            StatusView status = client.call(Routes.STATUS);
            session.console().line("aegisd: running (pid " + status.pid() + ")");
            return 0;
        }
    }
}
