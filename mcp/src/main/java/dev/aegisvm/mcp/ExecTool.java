package dev.aegisvm.mcp;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecRequestBuilder;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;

/** {@code exec}: a command in an instance, to its end. */
final class ExecTool implements Tool {
    static final int USUAL_TIMEOUT_S = 120;
    static final int LONGEST_TIMEOUT_S = 24 * 3600;

    private final Outputs outputs;

    ExecTool(Outputs outputs) {
        this.outputs = outputs;
    }

    @Override
    public Description description() {
        return Description.of(
                        "exec",
                        "Run a command in an instance",
                        Effect.DESTROYS,
                        """
                Runs a command in a running instance, waits for its end, and gives exit_code, stdout and stderr. A paused instance is \
                resumed; a stopped one has to be started with instance_start first. When the time is over, all that the command \
                started is killed and exit_code is 124. For servers, start the instance with the server as its command, or put it \
                into the background: nohup server >/tmp/log 2>&1 &.""",
                        ArgumentList.none()
                                .required("name", Argument.Kind.TEXT, "name or id of the instance")
                                .required(
                                        "command",
                                        Argument.Kind.COMMAND,
                                        "program and arguments, such as [\"ls\",\"-l\"]; a string is run by sh -c")
                                .optional(
                                        "timeout_s",
                                        Argument.Kind.WHOLE_NUMBER,
                                        "seconds, 1 to 86400; 120 when not given")
                                .optional(
                                        "stdin",
                                        Argument.Kind.TEXT,
                                        "what the command reads from stdin; nothing when not given")
                                .optional("cwd", Argument.Kind.TEXT, "absolute directory in the guest")
                                .optional("env", Argument.Kind.TEXTS_BY_NAME, "more environment variables")
                                .optional("user", Argument.Kind.TEXT, "a user of the guest; root when not given"))
                .runningCode();
    }

    @Override
    public String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        long timeoutMs = 1000L * given.number("timeout_s", 1, LONGEST_TIMEOUT_S, USUAL_TIMEOUT_S);
        ExecRequest request = ExecRequestBuilder.builder()
                .command(given.command("command"))
                .env(given.textsByName("env"))
                .cwd(given.text("cwd"))
                .user(given.text("user"))
                .timeoutMs(timeoutMs)
                .build();
        try (DaemonClient client = call.client();
                AttachedProcess process = client.exec(given.required("name"), request)) {
            ProcessRun run = new ProcessRun(process);
            return run.answer(run.follow(given.text("stdin"), ProcessRun.afterTheDaemon(timeoutMs), call), outputs);
        }
    }
}
