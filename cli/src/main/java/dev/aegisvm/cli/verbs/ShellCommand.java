package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.List;

/** {@code aegis shell}: a shell in an instance that runs, at our terminal. */
public final class ShellCommand implements Verb {
    private static final List<String> BEST_SHELL =
            List.of("/bin/sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash; exec sh");

    @Override
    public Usage usage() {
        return ExecOptions.declare(Usage.of("open a shell in a running instance"))
                .operand(Value.INSTANCE)
                .details(
                        "Runs bash where the guest has it, else sh, like `aegis exec -it`. Without a terminal, stdin is a script.")
                .example("aegis shell box");
    }

    @Override
    public int failed() {
        return FAILED_BESIDE_GUEST;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        FollowedProcess joined = FollowedProcess.ofShell(session);
        ExecRequest request = ExecOptions.request(arguments, BEST_SHELL, joined, false);
        try (DaemonClient daemon = session.daemon()) {
            return ExecCommand.follow(daemon, arguments.operand(), request, joined);
        }
    }
}
