package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** The tools that start a process: they follow it to its end, or leave it to {@link Background}. */
public final class ProcessTools {
    /** What Linux takes as one argument (MAX_ARG_STRLEN), in bytes, without the 0 at its end. */
    public static final int MAX_CODE = 128 * 1024 - 1;

    /** How a snippet of another language is run: by this program, after this option. */
    private static final Map<String, List<String>> PROGRAMS = Map.of(
            "bash", List.of("bash", "-c"),
            "sh", List.of("sh", "-c"),
            "perl", List.of("perl", "-e"),
            "javascript", List.of("node", "-e"));

    private static final String FULL = "aegis:full";

    private final Background background;
    private final Contexts contexts = new Contexts();
    private boolean full;

    public ProcessTools(Background background) {
        this.background = background;
    }

    /** A snippet in a VM that is made for it and deleted afterwards, or in one that is there. */
    public String runCode(Call call) throws IOException {
        ToolArguments given = call.arguments();
        boolean fresh = !given.has("name");
        Contexts.Starter starter = command -> fresh ? fresh(call, command) : begin(call, command);
        if (given.has("context")) {
            return contexts.run(call, starter);
        }
        String mark = MarkedOutput.newMark();
        try (AttachedProcess process = starter.start(command(given, mark))) {
            return ProcessRun.follow(call, process, given.text("name"), mark);
        }
    }

    /** The command that runs a snippet, after which the pictures that it made are written, each after a mark. */
    private static List<String> command(ToolArguments given, String mark) {
        String language = given.required("language");
        String code = given.required("code");
        int bytes = code.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_CODE) {
            throw ErrorCode.TOO_LARGE.refusal(
                    "the code has " + bytes + " bytes, and " + MAX_CODE + " are the most",
                    "put it into a file of an instance, and exec that");
        }
        if (language.equals("python")) {
            return List.of(
                    "sh", "-c", Contexts.PYTHON, "sh", TextResource.of(ProcessTools.class, "session.py"), mark, code);
        }
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", TextResource.of(ProcessTools.class, "pictures.sh"), "sh", mark));
        command.addAll(Objects.requireNonNull(PROGRAMS.get(language)));
        command.add(code);
        return command;
    }

    /** The image of a fresh VM for a language, where none is named: the full one where it is; null for the base image. */
    private synchronized @Nullable String image(String language, DaemonClient client) throws IOException {
        // Once it was there, it is not asked for again.
        full = full || NewInstance.images(client).anyMatch(FULL::equals);
        if (full) {
            return FULL;
        }
        if (language.equals("javascript")) {
            throw ErrorCode.IMAGE_NOT_FOUND.refusal(
                    "there is no javascript in the image aegis:base, and aegis:full is not on this host",
                    "use another language, or an image such as node:22; a person makes aegis:full by one command:"
                            + " `aegis-prepare-guest --full`, in a checkout `make image-full`");
        }
        return null;
    }

    private AttachedProcess fresh(Call call, List<String> command) throws IOException {
        DaemonClient client = call.client();
        String asked = call.arguments().text("image");
        NewInstance.fetch(asked, call);
        String image = asked == null ? image(call.arguments().required("language"), client) : asked;
        CreateInstance request =
                NewInstance.request(call, command, image).ephemeral(true).build();
        return client.stream(Routes.CREATE.with(request).flag("mask", true));
    }

    public String exec(Call call) throws IOException {
        if (call.arguments().flag("background")) {
            return background.start(call, byShell(call));
        }
        try (AttachedProcess begun = byShell(call)) {
            return ProcessRun.follow(call, begun, call.instance(), MarkedOutput.newMark());
        }
    }

    /** Where the command is a string, and the guest has no bash, it is run by sh. */
    private static AttachedProcess byShell(Call call) throws IOException {
        List<String> command = call.arguments().command("command", "bash");
        AttachedProcess begun = begin(call, command);
        String line = command.getLast();
        if (!line.equals(call.arguments().text("command"))) {
            return begun;
        }
        try {
            var _ = begun.started();
            return begun;
        } catch (ApiException refusal) {
            if (!refusal.error().code().equals(ErrorCode.COMMAND_NOT_FOUND.wire())) {
                throw refusal;
            }
            return begin(call, List.of("sh", "-c", line));
        }
    }

    private static AttachedProcess begin(Call call, List<String> command) throws IOException {
        ToolArguments given = call.arguments();
        // The time of a snippet in a context is that of the snippet, and not of the interpreter.
        boolean goesOn = given.has("context") || (given.flag("background") && !given.has("timeout_s"));
        Map<String, String> env = given.textsByName("env");
        if (given.flag("tty")) {
            // Else an input line is drawn again with each key, and without its escape codes that is no text.
            env.putIfAbsent("TERM", "dumb");
        }
        ExecRequest request = ExecRequestBuilder.builder()
                .command(command)
                .env(env)
                .cwd(given.text("cwd"))
                .user(given.text("user"))
                .tty(given.flag("tty") ? Background.TERMINAL : null)
                .keep(given.flag("keep") ? Boolean.TRUE : null)
                .merge(given.flag("background") ? Boolean.TRUE : null)
                .session(given.has("context") ? Contexts.session(given) : null)
                .timeoutMs(goesOn ? null : Long.valueOf(1000L * ProcessRun.timeoutS(given)))
                .build();
        return begin(call, call.instance(), request);
    }

    public record Whole(int exitCode, Excerpted stdout, String stderr) {}

    /** Runs something of ours, of whose output so much is wanted. */
    public static Whole whole(Call call, String instance, List<String> command, int seconds, Excerpt wanted)
            throws IOException {
        Excerpted stdout = new Excerpted(wanted, 0);
        Excerpted stderr = new Excerpted(Excerpt.WHOLE, 0);
        ExecRequest request = ExecRequestBuilder.builder()
                .command(command)
                .user(call.arguments().text("user"))
                .timeoutMs(1000L * seconds)
                .build();
        try (AttachedProcess process = begin(call, instance, request)) {
            process.endStdin();
            call.closeWhenCancelled(process);
            int exitCode = call.progress()
                    .during("the guest is working", () -> process.pump(stdout::write, stderr::write, () -> {}, _ -> {}))
                    .exitCode();
            return new Whole(exitCode, stdout, stderr.shown().text());
        }
    }

    private static AttachedProcess begin(Call call, String instance, ExecRequest request) throws IOException {
        return call.client().stream(Routes.EXEC.with(request, instance).flag("mask", true));
    }
}
