package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.mcp.McpTool.Call;

/** The tools that start a process: they follow it to its end, or leave it to {@link Background}. */
final class ProcessTools {
    private static final int DEFAULT_TIMEOUT_S = 120;
    static final int MAX_TIMEOUT_S = 24 * 3600;
    /** How much later than the daemon we give up a process. */
    private static final long PATIENCE_MS = 10_000;
    /** What only a fresh VM can be given. */
    private static final List<String> FRESH = List.of("secrets", "network", "allow", "network_rate");

    private final Outputs outputs;
    private final Background background;
    private final Languages languages = new Languages();
    private final Contexts contexts;

    ProcessTools(Outputs outputs, Background background) {
        this.outputs = outputs;
        this.background = background;
        this.contexts = new Contexts(outputs);
    }

    /** A snippet in a VM that is made for it and deleted afterwards, or in one that is there. */
    McpTool runCode() {
        return McpTool.destroys("run_code", "Run code in a sandbox")
                .about("""
                    Runs a snippet of code in a fresh microVM that is deleted afterwards, and gives exit_code, stdout and stderr, and the \
                    pictures (PNG, JPEG, GIF, WebP) that it made in its working directory. Nothing is kept between calls, unless name \
                    gives a running instance to run it in.""")
                .runningCode()
                .takes("language", Languages.KIND, "javascript needs the image aegis:full")
                .takes("code", Kind.TEXT, "at most " + Languages.MAX_CODE + " bytes")
                .mayTake("name", Kind.TEXT, "a running instance to run it in")
                .mayTake(
                        "context",
                        Kind.TEXT,
                        "any name: variables, imports and directory are kept for calls with the same one (python, bash, javascript)")
                .mayTake("restart", Kind.FLAG, "begin the context anew")
                .mayTake("stdin", Kind.TEXT, "")
                .mayTake("timeout_s", Kind.number(1, MAX_TIMEOUT_S).or(DEFAULT_TIMEOUT_S), "")
                .mayTake("env", Kind.TEXTS_BY_NAME, "")
                .mayTake("secrets", Kind.TEXTS, "as for instance_start")
                .mayTakeNetwork()
                .mayTakeExcerpt()
                .gives(ProcessRun.Ended.class)
                .does(this::runCode);
    }

    McpTool exec() {
        return McpTool.destroys("exec", "Run a command in an instance")
                .about("""
                    Runs a command in a running instance, waits for its end, and gives exit_code, stdout and stderr. A paused instance is \
                    resumed; a stopped one has to be started first. When timeout_s is over, all that the command started is killed and \
                    exit_code is 124. For servers and long jobs set background: the answer is an id for process_read, and the \
                    instance stays awake until the process ends.""")
                .runningCode()
                .takesInstance()
                .takes("command", Kind.COMMAND, "[\"ls\",\"-l\"]; a string is run by sh -c")
                .mayTake(
                        "timeout_s",
                        Kind.number(1, MAX_TIMEOUT_S),
                        DEFAULT_TIMEOUT_S + " when not given; no limit in the background")
                .mayTake("stdin", Kind.TEXT, "")
                .mayTake("cwd", Kind.TEXT, "absolute")
                .mayTake("env", Kind.TEXTS_BY_NAME, "")
                .mayTakeUser()
                .mayTake("background", Kind.FLAG, "")
                .mayTake("tty", Kind.FLAG, "in the background: give it a terminal")
                .mayTake("keep", Kind.FLAG, "in the background: it goes on when this session ends")
                .mayTakeExcerpt()
                .gives(ProcessRun.Ended.class, BackgroundProcess.State.class)
                .does(call -> exec(call, call.arguments().command("command")));
    }

    private String runCode(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String language = given.required("language");
        if (given.has("context")) {
            Contexts.Starter starter = driver -> given.text("name") == null
                    ? fresh(call, language, driver)
                    : begin(call, call.instance(), ExecRequest.of(driver));
            return contexts.run(call, Languages.named(language), given.required("code"), starter)
                    .json();
        }
        String mark = MarkedOutput.newMark();
        List<String> wrapped = Languages.withPictures(Languages.command(language, given.required("code")), mark);
        if (given.text("name") == null) {
            return runFresh(call, language, wrapped, mark);
        }
        for (String fresh : FRESH) {
            if (given.has(fresh)) {
                throw ToolArguments.wrong(fresh, "is for a fresh instance; one that runs has what it was started with");
            }
        }
        return run(call, request(call, wrapped), Optional.of(mark)).json();
    }

    private String runFresh(Call call, String language, List<String> command, String mark) throws IOException {
        try (AttachedProcess process = fresh(call, language, command)) {
            return new ProcessRun(process, outputs, Optional.of(mark))
                    .follow(timeoutMs(call.arguments()), call)
                    .json();
        }
    }

    /** The main process of a VM that is deleted when we leave it. */
    private AttachedProcess fresh(Call call, String language, List<String> command) throws IOException {
        ToolArguments given = call.arguments();
        try (DaemonClient client = call.client()) {
            CreateInstance request = CreateInstanceBuilder.builder()
                    .command(command)
                    .imageRef(languages.image(language, client))
                    .env(given.textsByName("env"))
                    .secrets(given.texts("secrets"))
                    .network(given.text("network"))
                    .allow(given.texts("allow"))
                    .networkRate(given.text("network_rate"))
                    .ephemeral(true)
                    .build();
            return client.stream(Routes.CREATE.with(request).flag("mask", true));
        }
    }

    private String exec(Call call, List<String> command) throws IOException {
        ToolArguments given = call.arguments();
        boolean behind = given.flag("background");
        if (!behind && (given.flag("tty") || given.flag("keep"))) {
            throw ToolArguments.wrong("background", "has to be true for tty and keep");
        }
        ExecRequest request = request(call, command);
        return behind
                ? background.follow(call, request, begin(call, call.instance(), request))
                : run(call, request, Optional.empty()).json();
    }

    private static ExecRequest request(Call call, List<String> command) {
        ToolArguments given = call.arguments();
        boolean behind = given.flag("background");
        return ExecRequestBuilder.builder()
                .command(command)
                .env(given.textsByName("env"))
                .cwd(given.text("cwd"))
                .user(given.text("user"))
                .tty(given.flag("tty") ? Background.TERMINAL : null)
                .keep(given.flag("keep") ? Boolean.TRUE : null)
                .timeoutMs(behind && !given.has("timeout_s") ? null : Long.valueOf(timeoutMs(given)))
                .build();
    }

    /** Runs something of ours in an instance. */
    ProcessRun.Ended run(Call call, List<String> command, int seconds) throws IOException {
        return run(call, ours(call, command, seconds), Optional.empty());
    }

    private static ExecRequest ours(Call call, List<String> command, int seconds) {
        return ExecRequestBuilder.builder()
                .command(command)
                .user(call.arguments().text("user"))
                .timeoutMs(1000L * seconds)
                .build();
    }

    /** What something of ours wrote, as text, and how it ended. */
    record Whole(int exitCode, String stdout, String stderr) {}

    /** Runs something of ours whose output is wanted as a whole: nothing where it has more than a MiB. */
    Whole whole(Call call, String instance, List<String> command, int seconds) throws IOException {
        Output stdout = outputs.output();
        Output stderr = outputs.output();
        try (AttachedProcess process = begin(call, instance, ours(call, command, seconds))) {
            process.endStdin();
            int exitCode = call.progress()
                    .during(
                            "the guest is working",
                            () -> process.pump(new AttachedProcess.Sinks(stdout, stderr, () -> {}, _ -> {})))
                    .exitCode();
            return new Whole(
                    exitCode,
                    stdout.written() > Output.MAX_HEAD
                            ? ""
                            : stdout.piece(0, Output.MAX_HEAD).text(),
                    Excerpt.WHOLE.of(stderr).text());
        } finally {
            stdout.release();
            stderr.release();
        }
    }

    private ProcessRun.Ended run(Call call, ExecRequest request, Optional<String> mark) throws IOException {
        long limit = Objects.requireNonNullElse(request.timeoutMs(), 0L) + PATIENCE_MS;
        try (AttachedProcess process = begin(call, call.instance(), request)) {
            return new ProcessRun(process, outputs, mark).follow(limit, call);
        }
    }

    private static AttachedProcess begin(Call call, String instance, ExecRequest request) throws IOException {
        try (DaemonClient client = call.client()) {
            return client.stream(Routes.EXEC.with(request, instance).flag("mask", true));
        }
    }

    static long timeoutMs(ToolArguments given) {
        return 1000L * (given.has("timeout_s") ? given.number("timeout_s") : DEFAULT_TIMEOUT_S);
    }
}
