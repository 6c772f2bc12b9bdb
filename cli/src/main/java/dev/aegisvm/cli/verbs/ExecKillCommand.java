package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.List;

/** {@code aegis exec kill}: ends commands that run in an instance. */
public final class ExecKillCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("exec kill", "kill commands that `aegis exec` runs in an instance")
                .operands("<name|id> <exec-id>")
                .details("Each with all that it started, at once. `aegis exec ps` shows their ids.")
                .example("aegis exec kill box exec-0123456789ab");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        List<String> operands = arguments.operands();
        int exitCode = 0;
        try (DaemonClient daemon = session.daemon()) {
            for (String execId : operands.subList(1, operands.size())) {
                try {
                    String done = daemon.killExec(operands.getFirst(), execId).status();
                    session.console().line(Printable.of(execId + ": " + done));
                } catch (ApiException refusal) {
                    session.say(refusal);
                    exitCode = FAILED;
                }
            }
        }
        return exitCode;
    }
}
