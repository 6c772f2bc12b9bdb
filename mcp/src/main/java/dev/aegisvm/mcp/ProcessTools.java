package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.McpTool.Call;
import dev.aegisvm.mcp.ToolArguments.Kind;
import io.avaje.jsonb.Jsonb;

/** The tools that run a process to its end, and read on in what it wrote. */
final class ProcessTools {
    private static final int DEFAULT_TIMEOUT_S = 120;
    private static final int MAX_TIMEOUT_S = 24 * 3600;
    private static final String TIMEOUT =
            "seconds, 1 to " + MAX_TIMEOUT_S + "; " + DEFAULT_TIMEOUT_S + " when not given";
    /** What Linux takes as one argument (MAX_ARG_STRLEN), in bytes, without the 0 at its end. */
    private static final int MAX_CODE = 128 * 1024 - 1;
    /** How much later than the daemon we give up a process. */
    private static final long PATIENCE_MS = 10_000;

    private final Outputs outputs = new Outputs();

    /** A snippet in a VM that is made for it and deleted afterwards, or in one that is there. */
    McpTool runCode() {
        return McpTool.destroys("run_code", "Run code in a sandbox")
                .about("""
                    Runs a snippet of code in a fresh microVM that is deleted afterwards, and gives exit_code, stdout and stderr. Nothing \
                    is kept between calls, unless name gives a running instance to run it in. The base image has python, bash, curl \
                    and git; other languages need an instance with an image that has them.""")
                .runningCode()
                .takes("language", Kind.TEXT, "python, bash, sh, javascript, ruby or perl")
                .takes("code", Kind.TEXT, "the program text, at most " + MAX_CODE + " bytes")
                .mayTake("name", Kind.TEXT, "a running instance to run it in; a fresh one when not given")
                .mayTake("stdin", Kind.TEXT, "what the program reads from stdin")
                .mayTake("timeout_s", Kind.WHOLE_NUMBER, TIMEOUT)
                .mayTake("env", Kind.TEXTS_BY_NAME, "environment variables")
                .mayTake(
                        "secrets",
                        Kind.TEXTS,
                        "stored secrets that a fresh instance gets as variables; KEY@HOST: a placeholder, which is the value in headers to that host")
                .mayTakeNetwork()
                .does(this::runCode);
    }

    McpTool exec() {
        return McpTool.destroys("exec", "Run a command in an instance")
                .about("""
                    Runs a command in a running instance, waits for its end, and gives exit_code, stdout and stderr. A paused instance is \
                    resumed; a stopped one has to be started with instance_start first. When the time is over, all that the command \
                    started is killed and exit_code is 124. For servers, start the instance with the server as its command, or put it \
                    into the background: nohup server >/tmp/log 2>&1 &.""")
                .runningCode()
                .takesInstance()
                .takes(
                        "command",
                        Kind.COMMAND,
                        "program and arguments, such as [\"ls\",\"-l\"]; a string is run by sh -c")
                .mayTake("timeout_s", Kind.WHOLE_NUMBER, TIMEOUT)
                .mayTake("stdin", Kind.TEXT, "what the command reads from stdin; nothing when not given")
                .mayTake("cwd", Kind.TEXT, "absolute directory in the guest")
                .mayTake("env", Kind.TEXTS_BY_NAME, "more environment variables")
                .mayTakeUser()
                .does(call -> {
                    long timeoutMs = timeoutMs(call.arguments());
                    try (DaemonClient client = call.client()) {
                        return exec(call, client, call.arguments().command("command"), timeoutMs);
                    }
                });
    }

    McpTool outputRead() {
        return McpTool.reads("output_read", "Read on in a long output")
                .about("""
                    Gives the next piece of an output that did not fit in the answer of exec or run_code, and a cursor for the one after \
                    it. Read on only if you need it; often it is better to run a command that prints less.""")
                .takes("cursor", Kind.TEXT, "stdout_cursor or stderr_cursor of an answer, or cursor of this tool")
                .does(call ->
                        Jsonb.instance().toJson(outputs.read(call.arguments().required("cursor"))));
    }

    private String runCode(Call call) throws IOException {
        ToolArguments given = call.arguments();
        List<String> command = command(given.required("language"), given.required("code"));
        long timeoutMs = timeoutMs(given);
        try (DaemonClient client = call.client()) {
            if (given.text("name") == null) {
                return runFresh(call, client, command, timeoutMs);
            }
            for (String fresh : List.of("secrets", "network", "allow", "network_rate")) {
                if (given.has(fresh)) {
                    throw ToolArguments.wrong(
                            fresh, "is for a fresh instance; one that runs has what it was started with");
                }
            }
            return exec(call, client, command, timeoutMs);
        }
    }

    private String runFresh(Call call, DaemonClient client, List<String> command, long timeoutMs) throws IOException {
        ToolArguments given = call.arguments();
        CreateInstance request = CreateInstanceBuilder.builder()
                .command(command)
                .env(given.textsByName("env"))
                .secrets(given.texts("secrets"))
                .network(given.text("network"))
                .allow(given.texts("allow"))
                .networkRate(given.text("network_rate"))
                .ephemeral(true)
                .build();
        try (AttachedProcess process = client.stream(Routes.CREATE.with(request))) {
            return new ProcessRun(process).follow(given.text("stdin"), timeoutMs, call, outputs);
        }
    }

    private String exec(Call call, DaemonClient client, List<String> command, long timeoutMs) throws IOException {
        ToolArguments given = call.arguments();
        try (AttachedProcess process = client.stream(Routes.EXEC.with(
                ExecRequestBuilder.builder()
                        .command(command)
                        .env(given.textsByName("env"))
                        .cwd(given.text("cwd"))
                        .user(given.text("user"))
                        .timeoutMs(timeoutMs)
                        .build(),
                call.instance()))) {
            return new ProcessRun(process).follow(given.text("stdin"), timeoutMs + PATIENCE_MS, call, outputs);
        }
    }

    private static long timeoutMs(ToolArguments given) {
        return 1000L * given.number("timeout_s", 1, MAX_TIMEOUT_S, DEFAULT_TIMEOUT_S);
    }

    private static List<String> command(String language, String code) {
        int bytes = code.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_CODE) {
            throw ErrorCode.TOO_LARGE.refusal(
                    "the code has " + bytes + " bytes, and " + MAX_CODE + " are the most",
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
                throw ErrorCode.BAD_REQUEST.refusal(
                        "the language is not known",
                        "it is one of python, bash, sh, javascript, ruby, perl; for others start an instance and exec in it");
        };
    }
}
