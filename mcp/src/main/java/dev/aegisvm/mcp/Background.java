package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.ExecViews.ExecView;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.BackgroundProcess.State;
import dev.aegisvm.mcp.McpTool.Call;

/**
 * The processes that {@code exec} left running, and the tools that work with them. Those that ended stay readable, until there
 * are too many. Of one that an earlier session left, the instance's log tells.
 */
final class Background {
    static final TerminalSize TERMINAL = new TerminalSize(24, 120);

    private static final int MAX = 100;
    private static final int LOG_LINES = 200;
    private static final int SIGKILL = 9;

    private static final Map<String, Integer> SIGNALS = Map.of(
            "hup", 1, "int", 2, "quit", 3, "kill", SIGKILL, "usr1", 10, "usr2", 12, "term", 15, "cont", 18, "stop", 19);

    private final Outputs outputs;
    private final Map<String, BackgroundProcess> byId = new LinkedHashMap<>();

    Background(Outputs outputs) {
        this.outputs = outputs;
    }

    /** Has a process followed from now on; answers when it runs. */
    State follow(Call call, ExecRequest request, AttachedProcess process) throws IOException {
        try {
            String id = process.started().execId();
            BackgroundProcess begun = add(() ->
                    BackgroundProcess.of(call, id, String.join(" ", request.command()), process, outputs.output()));
            String stdin = call.arguments().text("stdin");
            if (stdin != null) {
                // It stays open.
                var _ = ProcessRun.send(() -> process.write(stdin.getBytes(StandardCharsets.UTF_8)));
            }
            return begun.state();
        } catch (IOException | RuntimeException notStarted) {
            process.close();
            throw notStarted;
        }
    }

    private synchronized BackgroundProcess add(Supplier<BackgroundProcess> begun) {
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
        BackgroundProcess added = begun.get();
        byId.put(added.id(), added);
        return added;
    }

    private synchronized Optional<BackgroundProcess> find(Call call) {
        return Optional.ofNullable(byId.get(call.arguments().required("id")));
    }

    /** A process of this session, whose instance is not paused. */
    private BackgroundProcess awake(Call call, Supplier<ApiException> unknown) throws IOException {
        BackgroundProcess process = find(call).orElseThrow(unknown);
        if (!process.end().isDone()) {
            call.wake(process.instance());
        }
        return process;
    }

    State read(Call call) throws IOException {
        Optional<BackgroundProcess> known = find(call);
        return known.isEmpty()
                ? ofLog(call)
                : call.progress()
                        .during("waiting for the process", () -> known.get().read(call.arguments(), call.cancelled()));
    }

    ActionView write(Call call) throws IOException {
        BackgroundProcess known = awake(
                call,
                () -> ErrorCode.NOT_FOUND.refusal(
                        "this session started no such process, so its stdin is not here",
                        "process_list shows what runs; give processes their input by files"));
        known.send(() -> {
            known.process().write(call.arguments().textOr("text", "").getBytes(StandardCharsets.UTF_8));
            if (call.arguments().flag("end")) {
                known.process().endStdin();
            }
        });
        return new ActionView("written");
    }

    ActionView signal(Call call) throws IOException {
        int number = Objects.requireNonNull(SIGNALS.get(call.arguments().required("signal")));
        if (number == SIGKILL) {
            String name = find(call).map(BackgroundProcess::instance).orElseGet(() -> named(call));
            call.wake(name);
            return call.ask(Routes.KILL_EXEC.to(name, call.arguments().required("id")));
        }
        BackgroundProcess known = awake(
                call,
                () -> ErrorCode.BAD_REQUEST.refusal(
                        "a process of an earlier session can only be killed this way",
                        "process_list shows its pid: exec kill -" + number + " PID in the instance"));
        known.send(() -> known.process().signal(number));
        return new ActionView("signalled");
    }

    private static String named(Call call) {
        if (!call.arguments().has("name")) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "this session started no such process", "name its instance too; process_list shows what runs");
        }
        return call.instance();
    }

    /** A process of an earlier session: the end of what the log has of it. */
    private static State ofLog(Call call) throws IOException {
        String name = named(call);
        String id = call.arguments().required("id");
        int tail = Objects.requireNonNullElse(call.arguments().numberOrNull("tail"), LOG_LINES);
        int most = call.arguments().number("max_bytes");
        StringBuilder text = new StringBuilder();
        try (DaemonClient client = call.client()) {
            boolean runs = client.call(Routes.EXECS, name).stream()
                    .anyMatch(exec -> exec.execId().equals(id));
            try (JsonLines entries =
                    client.lines(Routes.LOGS.to(name).query("exec_id", id).query("tail", tail))) {
                for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                    LogEntry piece = ApiJson.answer(LogEntry.class, entry);
                    text.append(piece.line()).append(Boolean.TRUE.equals(piece.partial()) ? "" : "\n");
                    text.delete(0, Math.max(0, text.length() - most));
                }
            }
            return new State(id, name, null, null, runs, null, text.toString(), null, null);
        }
    }

    List<State> list(Call call) throws IOException {
        String name = call.arguments().text("name");
        Map<String, State> all = new LinkedHashMap<>();
        synchronized (this) {
            byId.values().stream()
                    .filter(process -> name == null || name.equals(process.instance()))
                    .forEach(process -> all.put(process.id(), process.state()));
        }
        if (name != null) {
            for (ExecView exec : call.ask(Routes.EXECS.to(name))) {
                String id = exec.execId();
                String command = String.join(" ", exec.command());
                all.put(id, new State(id, name, command, exec.pid(), true, null, null, null, null));
            }
        }
        return List.copyOf(all.values());
    }
}
