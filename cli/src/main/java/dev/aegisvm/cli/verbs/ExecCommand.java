package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code aegis exec}: a further command in an instance that runs. */
public final class ExecCommand implements Verb {
    @Override
    public Usage usage() {
        return FollowedProcess.declare(ExecOptions.declare(Usage.of("run a command in a running instance")))
                .withAlias("--detach", "-d", "print its id and do not wait; the output goes to the logs")
                .operand(Value.INSTANCE)
                .command("<cmd> [args…]", true)
                .details("""
                        Exits with the exit code of the command, like `aegis run`. Resumes a paused instance. Ctrl+C goes to the
                        command; a second Ctrl+C kills it. `aegis shell` opens a shell.""")
                .example("aegis exec -it box -- python3");
    }

    @Override
    public int failed() {
        return FAILED_BESIDE_GUEST;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        boolean detach = arguments.has("--detach");
        if (detach && (arguments.has("--tty") || arguments.has("--interactive"))) {
            throw arguments.wrong("--detach excludes -i and -t: nobody is connected to the command");
        }
        FollowedProcess joined = FollowedProcess.of(arguments, session);
        ExecRequest request = ExecOptions.request(arguments, InstanceOptions.utf8(arguments), joined, detach);
        try (DaemonClient daemon = session.daemon()) {
            if (detach) {
                session.console()
                        .line(daemon.call(Routes.EXEC.with(request, arguments.operand()))
                                .execId());
                return 0;
            }
            return follow(daemon, arguments.operand(), request, joined);
        }
    }

    /** Runs it, joined with us, to its end. */
    static int follow(DaemonClient daemon, String instance, ExecRequest request, FollowedProcess joined)
            throws IOException {
        try (AttachedProcess process = daemon.stream(Routes.EXEC.with(request, instance))) {
            Interrupts interrupts = Interrupts.goTo(process);
            return joined.follow(process, interrupts::started);
        }
    }
}
