package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.SecretViews.SecretView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.time.temporal.ChronoUnit;

/** {@code aegis secret list}: names, never values. */
public final class SecretListCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("secret list", "list the names of the secrets")
                .withJson()
                .details("Values cannot be had back; only instances get them.")
                .example("aegis secret list");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            if (arguments.has("--json")) {
                session.console().line(daemon.secretsJson());
                return 0;
            }
            Table table = new Table("NAME", "CREATED AT");
            for (SecretView secret : daemon.secrets()) {
                table.row(
                        secret.name(),
                        secret.createdAt().truncatedTo(ChronoUnit.SECONDS).toString());
            }
            session.console().print(table.text(session.console().colours()));
            return 0;
        }
    }
}
