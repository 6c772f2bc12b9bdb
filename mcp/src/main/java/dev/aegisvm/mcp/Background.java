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
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * The processes that {@code exec} left running, and the tools that work with them. Those that ended stay readable, until there
 * are too many. Of one that an earlier session left, the instance's log tells.
 */
final class Background {
    static final TerminalSize TERMINAL = new TerminalSize(24, 120);

    private static final int MAX = 100;
    private static final int LOG_LINES = 200;
    private static final int SIGKILL = 9;
    private static final String PAUSED =
            "the instance is paused; call instance_pause with resume, or exec, to resume it";

    private static final Map<String, Integer> SIGNALS = Map.of(
            "hup", 1, "int", 2, "quit", 3, "kill", SIGKILL, "usr1", 10, "usr2", 12, "term", 15, "cont", 18, "stop", 19);

    private final Outputs outputs;
    private final Map<String, BackgroundProcess> byId = new LinkedHashMap<>();
    private int starting;

    Background(Outputs outputs) {
        this.outputs = outputs;
    }

    /** Starts a process and has it followed; answers when it runs. */
    String follow(Call call, ExecRequest request, Contexts.Starter starter) throws IOException {
        reserve();
        BackgroundProcess begun;
        try {
            begun = begin(call, request, starter);
        } catch (IOException | RuntimeException notStarted) {
            taken(null);
            throw notStarted;
        }
        taken(begun);
        begun.start(call.arguments().text("stdin"));
        return begun.state().answer().fact("id", begun.id()).with(null);
    }

    private BackgroundProcess begin(Call call, ExecRequest request, Contexts.Starter starter) throws IOException {
        AttachedProcess process = starter.start(request.command());
        try {
            ExecStarted started = process.started();
            return new BackgroundProcess(
                    call.instance(),
                    started.execId(),
                    PlainAnswer.cut(String.join(" ", request.command())),
                    process,
                    outputs.output());
        } catch (IOException | RuntimeException notStarted) {
            process.close();
            throw notStarted;
        }
    }

    /** A process that could not be followed is not started. */
    private synchronized void reserve() {
        Iterator<BackgroundProcess> oldest = byId.values().iterator();
        while (byId.size() + starting >= MAX && oldest.hasNext()) {
            if (oldest.next().release()) {
                oldest.remove();
            }
        }
        if (byId.size() + starting >= MAX) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    MAX + " processes run in the background", "process_list shows them, process_signal ends one");
        }
        starting++;
    }

    private synchronized void taken(@Nullable BackgroundProcess begun) {
        starting--;
        if (begun != null) {
            byId.put(begun.id(), begun);
        }
    }

    private synchronized Optional<BackgroundProcess> find(Call call) {
        return Optional.ofNullable(byId.get(call.arguments().required("id")));
    }

    String read(Call call) throws IOException {
        Optional<BackgroundProcess> known = find(call);
        if (known.isEmpty()) {
            return ofLog(call);
        }
        BackgroundProcess process = known.get();
        String paused = process.state().running() && isPaused(call, process.instance()) ? PAUSED : null;
        return call.progress()
                .during("waiting for the process", () -> process.read(call.arguments(), call.cancelled(), paused));
    }

    private static boolean isPaused(Call call, String instance) throws IOException {
        try (DaemonClient client = call.client()) {
            return client.call(Routes.GET, instance).state() == InstanceStatus.PAUSED;
        } catch (ApiException gone) {
            return false;
        }
    }

    String write(Call call) throws IOException {
        ToolArguments given = call.arguments();
        BackgroundProcess process = find(call)
                .orElseThrow(() -> ErrorCode.NOT_FOUND.refusal(
                        "this session started no such process, and cannot write to its stdin",
                        "process_list shows what runs; give processes their input by files"));
        if (process.state().running()) {
            call.wake(process.instance());
        }
        process.write(Objects.requireNonNullElse(given.text("text"), ""), given.flag("end"));
        return ApiJson.text(new Actions.ActionView("written"));
    }

    String signal(Call call) throws IOException {
        int number = Objects.requireNonNull(SIGNALS.get(call.arguments().required("signal")));
        Optional<BackgroundProcess> known = find(call);
        if (number == SIGKILL) {
            String name = known.map(BackgroundProcess::instance).orElseGet(() -> named(call));
            call.wake(name);
            return call.ask(Routes.KILL_EXEC.to(name, call.arguments().required("id")));
        }
        BackgroundProcess process = known.orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                "this session started no process with that id; one of an earlier session can only be killed",
                "process_list shows its pid: exec kill -" + number + " PID in the instance"));
        if (process.state().running()) {
            call.wake(process.instance());
        }
        process.signal(number);
        return ApiJson.text(new Actions.ActionView("signalled"));
    }

    private synchronized String named(Call call) {
        Set<String> known = byId.keySet();
        if (!call.arguments().has("name")) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "this session started no such process"
                            + (known.isEmpty() ? "" : ", but " + String.join(", ", known)),
                    "for one of an earlier session name its instance too; process_list shows what runs");
        }
        return call.instance();
    }

    /** A process of an earlier session: the end of what the log has of it. */
    private String ofLog(Call call) throws IOException {
        String name = named(call);
        String id = call.arguments().required("id");
        int tail = Objects.requireNonNullElse(call.arguments().numberOrNull("tail"), LOG_LINES);
        int most = call.arguments().number("max_bytes");
        StringBuilder text = new StringBuilder();
        try (DaemonClient client = call.client()) {
            List<String> running = client.call(Routes.EXECS, name).stream()
                    .map(ExecView::execId)
                    .toList();
            try (JsonLines entries =
                    client.lines(Routes.LOGS.to(name).query("exec_id", id).query("tail", tail))) {
                for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                    LogEntry piece = ApiJson.answer(LogEntry.class, entry);
                    text.append(piece.line()).append(Boolean.TRUE.equals(piece.partial()) ? "" : "\n");
                    text.delete(0, Math.max(0, text.length() - most));
                }
            }
            if (text.isEmpty() && !running.contains(id)) {
                throw ErrorCode.NOT_FOUND.refusal(
                        "neither " + name + " nor its log has a process '" + id + "'",
                        running.isEmpty()
                                ? "nothing that exec started runs in it; logs shows what there was"
                                : "take one of those that run in it: " + String.join(", ", running));
            }
            return new PlainAnswer().fact("running", running.contains(id)).with(text.toString());
        }
    }

    String list(Call call) throws IOException {
        String name = call.arguments().text("name");
        Map<String, State> all = new LinkedHashMap<>();
        synchronized (this) {
            byId.values().stream()
                    .filter(process -> name == null || name.equals(process.instance()))
                    .forEach(process -> all.put(process.id(), process.state()));
        }
        if (name != null) {
            try (DaemonClient client = call.client()) {
                for (ExecView exec : client.call(Routes.EXECS, name)) {
                    String id = exec.execId();
                    all.put(id, new State(id, name, Contexts.told(exec), exec.pid(), true, null, null));
                }
            }
        }
        return Jsonb.instance().type(State.class).list().toJson(List.copyOf(all.values()));
    }
}
