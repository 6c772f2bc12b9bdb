package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecViews.ExecView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.ShellWords;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** {@code aegis exec ps}: the commands that run in an instance beside its main process. */
public final class ExecPsCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("exec ps", "list the commands that `aegis exec` runs in an instance")
                .withJson()
                .operand("<name|id>")
                .example("aegis exec ps box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            byte[] execs = daemon.execsJson(arguments.operand());
            if (arguments.has("--json")) {
                session.console().line(execs);
            } else {
                session.console()
                        .print(table(ApiJson.execs(execs), session.console().colours()));
            }
            return 0;
        }
    }

    private static String table(List<ExecView> execs, boolean colours) {
        Table table = new Table("EXEC ID", "PID", "STARTED", "ATTACHED", "COMMAND");
        for (ExecView exec : execs) {
            String attached = exec.tty() ? "terminal" : "yes";
            table.row(
                    exec.execId(),
                    Long.toString(exec.pid()),
                    exec.startedAt().truncatedTo(ChronoUnit.SECONDS).toString(),
                    exec.detached() ? "no" : attached,
                    ShellWords.of(exec.command()));
        }
        return table.text(colours);
    }
}
