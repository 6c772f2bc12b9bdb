package dev.aegisvm.cli;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.List;

/** {@code aegis exec}: a further command in an instance that runs. */
final class ExecCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("exec", "run a command in a running instance")
                .with("--env", "K=V", "an environment variable; may be given several times")
                .withAlias("--interactive", "-i", "pass on stdin")
                .notYet("--tty", "-t", "")
                .notYet("-it", "", "")
                .operand("<name|id>")
                .command("<cmd> [args…]", true)
                .details(
                        "Exits as the command does, like `aegis run`. A paused instance is resumed. Ctrl+C ends the command.")
                .example("aegis exec box -- cat /etc/os-release");
    }

    @Override
    public int failed() {
        return FAILED_BESIDE_GUEST;
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        List<String> command = InstanceOptions.utf8(arguments);
        ExecRequest request = new ExecRequest(command, InstanceOptions.environment(arguments), null, null);
        try (DaemonClient daemon = session.daemon();
                AttachedProcess process = daemon.exec(arguments.operand(), request)) {
            return FollowedProcess.follow(process, arguments.has("--interactive"), () -> {}, session.console());
        }
    }
}
