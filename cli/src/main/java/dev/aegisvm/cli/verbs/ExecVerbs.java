package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecViews.ExecView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.List;

/** A shell, and the commands that {@code aegis exec} has started. */
public final class ExecVerbs {
    private ExecVerbs() {}

    /** {@code aegis exec ps}. */
    public static final class Ps implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("list the commands that `aegis exec` runs in an instance")
                    .withJson()
                    .operand(Value.INSTANCE)
                    .example("aegis exec ps box");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            return Asking.show(arguments, session, daemon -> daemon.json(Routes.EXECS, arguments.operand()), Ps::table);
        }

        private static String table(byte[] execs, boolean colours) {
            Table table = new Table("EXEC ID", "PID", "STARTED", "ATTACHED", "COMMAND");
            for (ExecView exec : ApiJson.read(Routes.EXECS.answer(), execs)) {
                String attached = exec.tty() ? "terminal" : "yes";
                table.row(
                        exec.execId(),
                        Long.toString(exec.pid()),
                        Printable.seconds(exec.startedAt()),
                        exec.detached() ? "no" : attached,
                        Printable.command(exec.command()));
            }
            return table.text(colours);
        }
    }

    /** {@code aegis exec kill}. */
    public static final class Kill implements Verb {
        @Override
        public Usage usage() {
            return Usage.of("kill commands that `aegis exec` runs in an instance")
                    .operand(Value.INSTANCE)
                    .operands(Value.of("<exec-id>", Value.Kind.EXEC))
                    .details(
                            "Kills each command at once, with every process it started. `aegis exec ps` shows the ids.")
                    .example("aegis exec kill box exec-0123456789ab");
        }

        @Override
        public int run(Arguments arguments, Session session) throws IOException {
            List<String> operands = arguments.operands();
            return Asking.each(
                    operands.subList(1, operands.size()),
                    session,
                    "killing",
                    (daemon, exec) -> daemon.call(Routes.KILL_EXEC, operands.getFirst(), exec)
                            .status());
        }
    }

    /** {@code aegis shell}: a shell in an instance that runs, at our terminal. */
    public static final class Shell implements Verb {
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
}
