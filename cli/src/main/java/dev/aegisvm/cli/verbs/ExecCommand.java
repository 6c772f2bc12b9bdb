package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code aegis exec}: a further command in an instance that runs. */
public final class ExecCommand implements Verb {
    @Override
    public Usage usage() {
        return FollowedProcess.declare(ExecOptions.declare(Usage.of("exec", "run a command in a running instance")))
                .withAlias("--detach", "-d", "print its id and do not wait; its output goes to the instance's logs")
                .operand("<name|id>")
                .command("<cmd> [args…]", true)
                .details(
                        "Exits as the command does, like `aegis run`. A paused instance is resumed. Ctrl+C goes to the command; a\n"
                                + "second one ends it. `aegis exec ps` shows what runs, `aegis exec kill` ends it, `aegis shell` is a shell.")
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
            throw arguments.wrong("--detach excludes -i and -t: nobody would be connected with the command");
        }
        FollowedProcess joined = FollowedProcess.of(arguments, session);
        ExecRequest request = ExecOptions.request(arguments, InstanceOptions.utf8(arguments), joined, detach);
        try (DaemonClient daemon = session.daemon()) {
            if (detach) {
                session.console()
                        .line(daemon.detach(arguments.operand(), request).execId());
                return 0;
            }
            return follow(daemon, arguments.operand(), request, joined);
        }
    }

    /** Runs it, joined with us, to its end. */
    static int follow(DaemonClient daemon, String instance, ExecRequest request, FollowedProcess joined)
            throws IOException {
        try (AttachedProcess process = daemon.exec(instance, request)) {
            Interrupts interrupts = Interrupts.goTo(process);
            return joined.follow(process, interrupts::started);
        }
    }
}
