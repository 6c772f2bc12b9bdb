package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatusView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.NotRunningException;
import java.io.IOException;

/** {@code aegis status}: is there a daemon, and what does it run on? */
public final class StatusCommand implements Verb {
    private static final int STOPPED = 3;

    @Override
    public Usage usage() {
        return Usage.of("show whether the daemon is running")
                .withJson()
                .details("Exits with 0 when it is running, and with 3 when it is not. Starts nothing.")
                .example("aegis status");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        Console console = session.console();
        boolean json = arguments.has("--json");
        try (DaemonClient client = session.client()) {
            StatusView status = client.call(Routes.STATUS);
            if (json) {
                console.line(ApiJson.write(status));
            } else {
                console.print("aegisd: " + Printable.of(status.status()) + "\nbackend: "
                        + Printable.of(status.backend()) + "\n");
                if (status.routerError() != null) {
                    console.print("HTTP router: " + Printable.of(status.routerError()) + "\n");
                }
            }
            return 0;
        } catch (NotRunningException none) {
            console.line(json ? "{\"status\":\"stopped\"}" : "aegisd: stopped");
            return STOPPED;
        }
    }
}
