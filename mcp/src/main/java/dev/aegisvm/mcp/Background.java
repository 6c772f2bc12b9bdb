package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecStarted;
import dev.aegisvm.api.ExecViews.ExecView;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.BackgroundProcess.State;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * The processes that {@code exec} left running, and the tools that work with them. Those that ended stay readable, until there
 * are too many. Of one that an earlier session left, the instance's log tells.
 */
final class Background {
    static final TerminalSize TERMINAL = new TerminalSize(24, 120);

    private static final int MAX = 100;
    private static final int MAX_WAIT_S = 600;
    private static final int LOG_LINES = 200;

    private static final Map<String, Integer> SIGNALS = Map.of(
            "hup", 1, "int", 2, "quit", 3, "kill", 9, "usr1", 10, "usr2", 12, "term", 15, "cont", 18, "stop", 19);

    private final Outputs outputs;
    private final Map<String, BackgroundProcess> byId = new LinkedHashMap<>();

    Background(Outputs outputs) {
        this.outputs = outputs;
    }

    /** Has a process followed from now on; answers when it runs. */
    String follow(Call call, ExecRequest request, AttachedProcess process) throws IOException {
        try {
            makeRoom();
            ExecStarted started = process.started();
            BackgroundProcess begun = new BackgroundProcess(
                    call.instance(), started.execId(), String.join(" ", request.command()), process, outputs.output());
            synchronized (this) {
                byId.put(started.execId(), begun);
            }
            begun.start(call.arguments().text("stdin"));
            return Jsonb.instance().toJson(begun.state(""));
        } catch (IOException | RuntimeException notStarted) {
            process.close();
            throw notStarted;
        }
    }

    private synchronized void makeRoom() {
        Iterator<BackgroundProcess> oldest = byId.values().iterator();
        while (byId.size() >= MAX && oldest.hasNext()) {
            if (oldest.next().release()) {
                oldest.remove();
            }
        }
        if (byId.size() >= MAX) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    MAX + " processes run in the background", "process_list shows them, process_signal ends one");
        }
    }

    private synchronized Optional<BackgroundProcess> find(Call call) {
        return Optional.ofNullable(byId.get(call.arguments().required("id")));
    }

    private BackgroundProcess own(Call call) {
        return find(call)
                .orElseThrow(() -> ErrorCode.NOT_FOUND.refusal(
                        "this session started no such process, so its stdin is not here",
                        "process_list shows what runs; give processes their input by files"));
    }

    List<McpTool> tools() {
        return List.of(
                McpTool.reads("process_read", "Read a background process")
                        .about("""
                            Gives what a background process wrote since a cursor, whether it runs, and its exit_code when it has ended. \
                            Waits for wait_s seconds at most until there is what wait_for says. Several readers may have cursors.""")
                        .takes("id", Kind.TEXT, "of exec or process_list")
                        .mayTake(
                                "cursor", Kind.number(0, Long.MAX_VALUE), "of the last answer; from the beginning else")
                        .mayTake("wait_s", Kind.number(0, MAX_WAIT_S).or(0), "")
                        .mayTake(
                                "wait_for",
                                Kind.PATTERN,
                                "\"end\", or a regular expression for what it is to write after the cursor; else any output")
                        .mayTake("name", Kind.TEXT, "the instance, for a process of an earlier session")
                        .mayTakeExcerpt()
                        .gives(State.class)
                        .does(this::read),
                writer(),
                signaller(),
                lister());
    }

    private McpTool writer() {
        return McpTool.changes("process_write", "Write to a background process")
                .about("Writes to the stdin of a background process.")
                .takes("id", Kind.TEXT, "of exec")
                .mayTake("text", Kind.TEXT, "with its newline; \\u0003 on a terminal is Ctrl+C")
                .mayTake("end", Kind.FLAG, "then end its stdin")
                .gives(State.class)
                .does(this::write);
    }

    private McpTool signaller() {
        return McpTool.destroys("process_signal", "Signal a background process")
                .about("Sends a signal to a background process. kill ends all that it started.")
                .takes("id", Kind.TEXT, "of exec or process_list")
                .mayTake(
                        "signal",
                        Kind.word(SIGNALS.keySet().stream().sorted().toArray(String[]::new))
                                .or("term"),
                        "")
                .mayTake("name", Kind.TEXT, "the instance, for a process of an earlier session")
                .does(this::signal);
    }

    private McpTool lister() {
        return McpTool.reads("process_list", "List processes")
                .about(
                        "Lists the background processes of this session, and with name all that exec runs in an instance.")
                .mayTake("name", Kind.TEXT, "an instance")
                .does(this::list);
    }

    private String read(Call call) throws IOException {
        ToolArguments given = call.arguments();
        Optional<BackgroundProcess> known = find(call);
        if (known.isEmpty()) {
            return Jsonb.instance().toJson(ofLog(call));
        }
        BackgroundProcess process = known.get();
        BackgroundProcess.Wait wait = BackgroundProcess.Wait.of(given);
        Excerpt excerpt = Excerpt.of(given);
        State state =
                call.progress().during("waiting for the process", () -> process.read(wait, excerpt, call.cancelled()));
        return Jsonb.instance().toJson(state);
    }

    private String write(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String text = given.text("text");
        own(call).write(text == null ? "" : text, given.flag("end"));
        return Jsonb.instance().toJson(own(call).state(""));
    }

    private String signal(Call call) throws IOException {
        String signal = call.arguments().word("signal");
        int number = Objects.requireNonNull(SIGNALS.get(signal));
        Optional<BackgroundProcess> known = find(call);
        if (known.isPresent() && number != 9) {
            known.get().signal(number);
            return Jsonb.instance().toJson(known.get().state(""));
        }
        String name = known.map(BackgroundProcess::instance).orElseGet(() -> named(call));
        if (number == 9) {
            return call.ask(Routes.KILL_EXEC.to(name, call.arguments().required("id")));
        }
        throw ErrorCode.BAD_REQUEST.refusal(
                "a process of an earlier session can only be killed this way",
                "process_list shows its pid: exec kill -" + number + " PID in the instance");
    }

    private static String named(Call call) {
        String name = call.arguments().text("name");
        if (name == null) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "this session started no such process", "name its instance too; process_list shows what runs");
        }
        return name;
    }

    /** A process of an earlier session: the end of what the log has of it. */
    private static State ofLog(Call call) throws IOException {
        String name = named(call);
        String id = call.arguments().required("id");
        Integer tail = call.arguments().numberOrNull("tail");
        StringBuilder text = new StringBuilder();
        try (DaemonClient client = call.client()) {
            boolean runs = client.call(Routes.EXECS, name).stream()
                    .anyMatch(exec -> exec.execId().equals(id));
            try (JsonLines entries = client.lines(
                    Routes.LOGS.to(name).query("exec_id", id).query("tail", tail == null ? LOG_LINES : tail))) {
                for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                    text.append(ApiJson.answer(LogEntry.class, entry).line()).append('\n');
                }
            }
            return new State(id, name, runs, null, text.toString(), null, null);
        }
    }

    /** One that runs, as the daemon sees it. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Listed(
            String id,
            String name,
            String command,
            @Nullable Long pid,
            boolean running,
            @Nullable Integer exitCode) {}

    private String list(Call call) throws IOException {
        String name = call.arguments().text("name");
        Map<String, Listed> all = new LinkedHashMap<>();
        synchronized (this) {
            byId.values().stream()
                    .filter(process -> name == null || name.equals(process.instance()))
                    .forEach(process -> all.put(process.id(), process.listed()));
        }
        if (name != null) {
            try (DaemonClient client = call.client()) {
                for (ExecView exec : client.call(Routes.EXECS, name)) {
                    String command = String.join(" ", exec.command());
                    all.put(exec.execId(), new Listed(exec.execId(), name, command, exec.pid(), true, null));
                }
            }
        }
        return Jsonb.instance().type(Listed.class).list().toJson(List.copyOf(all.values()));
    }
}
