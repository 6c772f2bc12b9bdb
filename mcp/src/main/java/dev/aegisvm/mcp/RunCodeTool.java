package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecRequestBuilder;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** {@code run_code}: a snippet in a machine that is made for it and gone afterwards, or in one that is there. */
final class RunCodeTool implements Tool {
    /** What Linux takes as one argument (MAX_ARG_STRLEN), in bytes, less its end. */
    private static final int MOST_CODE = 128 * 1024 - 1;

    private final Outputs outputs;

    RunCodeTool(Outputs outputs) {
        this.outputs = outputs;
    }

    @Override
    public Description description() {
        return Description.of(
                        "run_code",
                        "Run code in a sandbox",
                        Effect.DESTROYS,
                        """
                Runs a snippet of code in a fresh microVM that is deleted afterwards, and gives exit_code, stdout and stderr. Nothing \
                is kept between calls, unless name says in which running instance to run it. The base image has python, bash, curl \
                and git; other languages need an instance with an image that has them.""",
                        ArgumentList.none()
                                .required("language", Argument.Kind.TEXT, "python, bash, sh, javascript, ruby or perl")
                                .required("code", Argument.Kind.TEXT, "the program text, at most 128 KiB")
                                .optional(
                                        "name",
                                        Argument.Kind.TEXT,
                                        "a running instance to run it in; a fresh one when not given")
                                .optional("stdin", Argument.Kind.TEXT, "what the program reads from stdin")
                                .optional(
                                        "timeout_s",
                                        Argument.Kind.WHOLE_NUMBER,
                                        "seconds, 1 to 86400; 120 when not given")
                                .optional("env", Argument.Kind.TEXTS_BY_NAME, "environment variables")
                                .optional(
                                        "secrets",
                                        Argument.Kind.TEXTS,
                                        "stored secrets that a fresh instance gets as variables"))
                .runningCode();
    }

    @Override
    public String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        List<String> command = command(given.required("language"), given.required("code"));
        long timeoutMs = 1000L * given.number("timeout_s", 1, ExecTool.LONGEST_TIMEOUT_S, ExecTool.USUAL_TIMEOUT_S);
        try (DaemonClient client = call.client()) {
            String name = given.text("name");
            return name == null ? fresh(call, client, command, timeoutMs) : in(name, call, client, command, timeoutMs);
        }
    }

    private String fresh(Call call, DaemonClient client, List<String> command, long timeoutMs) throws IOException {
        ToolArguments given = call.arguments();
        Map<String, String> env = given.textsByName("env");
        String id = client.create(CreateInstanceBuilder.builder()
                        .command(command)
                        .env(env)
                        .secrets(given.texts("secrets"))
                        .ephemeral(true)
                        .build())
                .id();
        try (AttachedProcess process = client.attach(id)) {
            ProcessRun run = new ProcessRun(process);
            return run.answer(run.follow(given.text("stdin"), timeoutMs, call), outputs);
        }
    }

    private String in(String name, Call call, DaemonClient client, List<String> command, long timeoutMs)
            throws IOException {
        ToolArguments given = call.arguments();
        if (!given.texts("secrets").isEmpty()) {
            throw ToolArguments.wrong(
                    "secrets", "is for a fresh instance; one that runs has those that it was started with");
        }
        ExecRequest request = ExecRequestBuilder.builder()
                .command(command)
                .env(given.textsByName("env"))
                .timeoutMs(timeoutMs)
                .build();
        try (AttachedProcess process = client.exec(name, request)) {
            ProcessRun run = new ProcessRun(process);
            return run.answer(run.follow(given.text("stdin"), ProcessRun.afterTheDaemon(timeoutMs), call), outputs);
        }
    }

    private static List<String> command(String language, String code) {
        int bytes = code.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_CODE) {
            throw new ApiException(
                    ErrorCode.TOO_LARGE,
                    "the code has " + bytes + " bytes, and " + MOST_CODE + " are the most",
                    "put it into a file of an instance, and exec that");
        }
        return switch (language) {
            case "python", "python3" -> List.of("python3", "-c", code);
            case "bash" -> List.of("bash", "-c", code);
            case "sh", "shell" -> List.of("sh", "-c", code);
            case "javascript", "js", "node" -> List.of("node", "-e", code);
            case "ruby" -> List.of("ruby", "-e", code);
            case "perl" -> List.of("perl", "-e", code);
            default ->
                throw new ApiException(
                        ErrorCode.BAD_REQUEST,
                        "the language is not known",
                        "it is one of python, bash, sh, javascript, ruby, perl; for others start an instance and exec in it");
        };
    }
}
