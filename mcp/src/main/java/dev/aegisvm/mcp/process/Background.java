package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/**
 * The processes that {@code exec} left running, and the tools that work with them. The daemon has their output and their end; a
 * connection that is held here ends them with this session, unless they are to be kept.
 */
public final class Background {
    static final TerminalSize TERMINAL = new TerminalSize(24, 120);

    private static final int MAX_KNOWN = 1000;
    private static final int SIGKILL = 9;
    private static final String END = "end";
    /** In how much of what came since the cursor a pattern is looked for, in bytes. */
    private static final int LOOKED_AT = 1 << 20;
    /** How long a process may let wait what is sent to it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String PAUSED =
            "the instance is paused; call instance_pause with resume, or exec, to resume it";

    private static final Map<String, Integer> SIGNALS = Map.of(
            "hup", 1, "int", 2, "quit", 3, "kill", SIGKILL, "usr1", 10, "usr2", 12, "term", 15, "cont", 18, "stop", 19);

    /** Those that this session started, by their ids. */
    private final Map<String, Started> known = new LinkedHashMap<>();

    private record Started(String instance, List<String> notes) {}

    /**
     * @param exitCode once it has ended; absent when its end is not known
     * @param signal that its exit code tells of
     * @param error why its end is not known
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record State(
            String id,
            String name,
            String command,
            long pid,
            boolean running,
            @Nullable Integer exitCode,
            @Nullable String signal,
            @Nullable String error) {
        static State of(ExecView exec, String name) {
            ProcessExit exit = exec.exit();
            return new State(
                    exec.execId(),
                    name,
                    Contexts.told(exec),
                    exec.pid(),
                    exec.endedAt() == null,
                    exit == null ? null : exit.exitCode(),
                    exit == null ? null : Signals.ofExit(exit.exitCode()).orElse(null),
                    exec.error());
        }
    }

    /** Leaves a process that was begun to itself; answers when it runs. */
    public String start(Call call, AttachedProcess process) throws IOException {
        String id = process.started().execId();
        Started started = new Started(call.instance(), new CopyOnWriteArrayList<>());
        synchronized (known) {
            known.put(id, started);
            if (known.size() > MAX_KNOWN) {
                known.remove(known.keySet().iterator().next());
            }
        }
        Consumer<String> note = line -> started.notes().add(Hints.forModel(line));
        Thread.ofVirtual().name("background").start(() -> {
            try (process) {
                var _ = process.pump(_ -> {}, _ -> {}, () -> {}, note);
            } catch (ApiException vmEnded) {
                started.notes().add(Failure.of(vmEnded).told());
            } catch (IOException daemonEnded) {
                // Its clients learn that from their next request.
            }
        });
        String stdin = call.arguments().text("stdin");
        if (stdin != null) {
            Thread.ofVirtual().name("stdin").start(() -> process.write(stdin.getBytes(StandardCharsets.UTF_8)));
        }
        return new PlainAnswer().fact("running", true).fact("id", id).with(null);
    }

    /** The process that a call names, and its instance. */
    private Started named(Call call) {
        synchronized (known) {
            Started started = known.get(call.arguments().required("id"));
            if (started != null) {
                return started;
            }
            if (!call.arguments().has("name")) {
                throw ErrorCode.NOT_FOUND.refusal(
                        "this session started no such process",
                        "process_list shows what runs; for one of an earlier session name its instance too");
            }
            return new Started(call.instance(), List.of());
        }
    }

    /** What it wrote since the cursor, once there is what the reader waits for, or its time is over. */
    public String read(Call call) throws IOException {
        Started process = named(call);
        try {
            return read(call, process);
        } catch (ApiException refusal) {
            // What the daemon kept of it went with the VM.
            if (process.notes().isEmpty() || !refusal.error().code().equals(ErrorCode.NOT_FOUND.wire())) {
                throw refusal;
            }
            throw ErrorCode.NOT_FOUND.refusal(
                    "the process has ended and its output is gone: " + String.join("; ", process.notes()),
                    "as long as the instance is there, its logs have the last lines that it wrote",
                    refusal);
        }
    }

    private static String read(Call call, Started process) throws IOException {
        DaemonClient client = call.client();
        boolean paused = client.call(Routes.GET, process.instance()).state() == InstanceStatus.PAUSED;
        call.closeWhenCancelled(client::hangUp);
        Reading reading = new Reading(call.arguments());
        int seconds = paused ? 0 : call.arguments().number("wait_s");
        ExecOutput last = call.progress()
                .during("waiting for the process", () -> reading.run(client, process.instance(), seconds));
        Integer code = last.exit() == null ? null : last.exit().exitCode();
        PlainAnswer answer = new PlainAnswer()
                .fact("running", last.running())
                .fact("exit_code", code)
                .fact("signal", code == null ? null : Signals.ofExit(code).orElse(null))
                .fact("error", last.error())
                .fact("matched", reading.wanted == null ? null : reading.matched)
                .fact("cursor", reading.output.end())
                .fact("note", paused && last.running() ? PAUSED : null);
        process.notes().forEach(note -> answer.fact("note", note));
        Excerpt.Shown shown = reading.output.shown();
        String stdout = process.instance() + "/" + reading.given.required("id") + "/stdout";
        return answer.fact("note", Excerpt.replaced(shown.text(), Excerpt.BYTES))
                .fact("stdout_cursor", shown.cursor(stdout))
                .fact("note", reading.output.note())
                .with(shown.text());
    }

    /** What a reader waits for, and what it has got. */
    private static final class Reading {
        private final ToolArguments given;
        private final boolean toEnd;
        private final @Nullable Pattern wanted;
        private final Excerpt excerpt;
        private final Excerpted output;
        private final ByteArrayOutputStream near = new ByteArrayOutputStream();
        private boolean matched;

        Reading(ToolArguments given) {
            this.given = given;
            this.toEnd = END.equals(given.text("wait_for"));
            this.wanted = toEnd ? null : Excerpt.pattern(given, "wait_for");
            this.excerpt = Excerpt.of(given);
            this.output = new Excerpted(excerpt, given.large("cursor"));
        }

        ExecOutput run(DaemonClient client, String instance, int seconds) throws IOException {
            long from = output.end();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (true) {
                long left = Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
                ExecOutput piece = client.call(Routes.READ_EXEC
                        .to(instance, given.required("id"))
                        .query("cursor", output.end())
                        .query("wait_ms", left)
                        .flag("mask", true));
                byte[] bytes = piece.bytes();
                take(piece, bytes);
                boolean there = !toEnd && (wanted == null ? output.end() > from : matched);
                boolean behind = output.end() < piece.written() && bytes.length > 0;
                if (!behind && (!piece.running() || left == 0 || there)) {
                    return piece;
                }
            }
        }

        private void take(ExecOutput piece, byte[] bytes) {
            if (piece.cursor() < output.end()) {
                throw ToolArguments.wrong(
                        "cursor", "is beyond the end: the process has written " + piece.written() + " bytes");
            }
            output.lost(piece.cursor() - output.end());
            output.write(bytes);
            if (near.size() + bytes.length > LOOKED_AT) {
                near.reset();
            }
            near.writeBytes(bytes);
            String text = excerpt.readable(near.toString(StandardCharsets.UTF_8));
            matched = matched || (wanted != null && Excerpt.isIn(text, wanted, System.nanoTime()));
        }
    }

    public String write(Call call) throws IOException {
        ToolArguments given = call.arguments();
        String instance = named(call).instance();
        byte[] text = Objects.requireNonNullElse(given.text("text"), "").getBytes(StandardCharsets.UTF_8);
        CompletableFuture<String> sent = new CompletableFuture<>();
        // Starts the daemon; what is held back outlives the call, and has a client of its own.
        var _ = call.client();
        Thread.ofVirtual().name("send").start(() -> {
            try (DaemonClient client = call.launcher().client()) {
                byte[] done = client.json(Routes.WRITE_EXEC
                        .to(instance, given.required("id"))
                        .flag("end", given.flag("end"))
                        .content(text));
                sent.complete(new String(done, StandardCharsets.UTF_8));
            } catch (IOException | RuntimeException refused) {
                sent.completeExceptionally(refused);
            }
        });
        // What a process does not read holds back what is sent after it.
        if (ProcessRun.isLate(sent, PATIENCE.toMillis())) {
            throw ErrorCode.WRONG_STATE.refusal(
                    "the process does not read its stdin; the input waits", "do not resend; process_signal ends it");
        }
        if (sent.isCompletedExceptionally() && sent.exceptionNow() instanceof ApiException refusal) {
            throw refusal;
        }
        if (sent.isCompletedExceptionally()) {
            throw new IOException(sent.exceptionNow());
        }
        return sent.join();
    }

    public String signal(Call call) throws IOException {
        int number = Objects.requireNonNull(SIGNALS.get(call.arguments().required("signal")));
        return call.ask(Routes.KILL_EXEC
                .to(named(call).instance(), call.arguments().required("id"))
                .query("signal", number == SIGKILL ? null : number));
    }

    public String list(Call call) throws IOException {
        String name = call.arguments().text("name");
        Map<String, Started> mine;
        synchronized (known) {
            mine = Map.copyOf(known);
        }
        Set<String> instances = name == null
                ? mine.values().stream().map(Started::instance).collect(Collectors.toCollection(LinkedHashSet::new))
                : Set.of(name);
        List<State> all = new ArrayList<>();
        for (String instance : instances) {
            try {
                call.client().call(Routes.EXECS.to(instance).flag("all", true)).stream()
                        .filter(exec -> mine.containsKey(exec.execId()) || (name != null && exec.endedAt() == null))
                        .map(exec -> State.of(exec, instance))
                        .forEach(all::add);
            } catch (ApiException refusal) {
                // One in which this session started something may be gone.
                if (name != null || !refusal.error().code().equals(ErrorCode.NOT_FOUND.wire())) {
                    throw refusal;
                }
            }
        }
        return Jsonb.instance().type(State.class).list().toJson(all);
    }
}
