package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of an interpreter in guests, by name: variables, imports and the working directory stay from one snippet to the next.
 * Each is a process that runs a small driver of ours; several run at once, each one snippet at a time.
 */
public final class Contexts {
    /** That have a process. */
    private static final int MAX = 16;

    /** Where the name of a context is in the command of its driver, and what it begins with. */
    private static final int NAME = 3;

    /** Runs the driver that is its first argument. */
    static final String PYTHON =
            "command -v python3 >/dev/null || { echo 'no python3 in this image; aegis:full has it' >&2;"
                    + " exit 127; }; exec python3 -u -c \"$@\"";

    private static final String CONTEXT = "context ";
    private static final int SIGINT = 2;
    private static final String NODE =
            "command -v node >/dev/null || { echo 'no node in this image; aegis:full has it' >&2; exit 127; }; ";
    /** How long an interpreter has to start. */
    private static final Duration START = Duration.ofMinutes(2);
    /** How long a snippet has to end after an interrupt. */
    private static final Duration INTERRUPT = Duration.ofSeconds(15);

    private final Map<String, Context> byName = new LinkedHashMap<>(MAX, 0.75f, true);

    private static final String ENDED = "the context has ended and its variables are lost";
    private static final String AGAIN = "; the next call starts it again";
    /** How the daemon says that an exec ended with its instance; what a network refused it, the daemon says too. */
    private static final String KILLED = "the exec was killed: ";

    /** How it says that the guest's kernel killed a process to free memory. */
    private static final String NO_MEMORY = "the guest ran out of memory";

    private static final String RESTARTED =
            "the context ended after the last call; it was started again without its variables";

    private static final String OTHERS =
            "this context is new, without the variables of another session's context of this name";

    interface Starter {
        AttachedProcess start(List<String> driver) throws IOException;
    }

    /** The command that runs the driver of a language, in which the context has its name for those who list processes. */
    private static List<String> driver(ToolArguments given) {
        String language = given.required("language");
        String name = CONTEXT + given.required("context") + " (" + language + ")";
        return switch (language) {
            case "python" -> driver(PYTHON, name, "session.py");
            case "bash", "sh" -> driver("exec bash -c 'eval \"$1\"; eval \"$__loop\"' bash \"$1\"", name, "session.sh");
            // What a snippet reads from is not where the next one comes from.
            case "javascript" -> driver(NODE + "exec node -e \"$1\" 3<&0 </dev/null", name, "session.js");
            default -> throw ToolArguments.wrong("context", "can only be used with python, bash and javascript");
        };
    }

    private static List<String> driver(String command, String name, String resource) {
        return List.of("sh", "-c", command, name, TextResource.of(Contexts.class, resource));
    }

    /**
     * A snippet that tells the first mark that its interpreter was given: ours where it has just begun; another where it was begun
     * before, and is there again, as after a rewind.
     */
    private static String hello(String language, String mark) {
        return switch (language) {
            case "python" -> "print(globals().setdefault('__aegis', '" + mark + "'))";
            case "javascript" -> "console.log(globalThis.__aegis ??= '" + mark + "')";
            default -> "echo ${__aegis:=" + mark + "}";
        };
    }

    /** What an exec is called in short: the context that it is, or its command. */
    public static String told(ExecView exec) {
        return PlainAnswer.cut(isContext(exec) ? exec.command().get(NAME) : String.join(" ", exec.command()));
    }

    public static boolean isContext(ExecView exec) {
        return exec.command().size() == NAME + 2 && exec.command().get(NAME).startsWith(CONTEXT);
    }

    /** What a fork of the instance keeps a context under. */
    static String session(ToolArguments given) {
        byte[] context = given.required("context").getBytes(StandardCharsets.UTF_8);
        return "context-" + given.required("language") + "-" + UUID.nameUUIDFromBytes(context);
    }

    /** Runs a snippet in a context, which is made when there is none of the name. */
    String run(Call call, Starter starter) throws IOException {
        ToolArguments given = call.arguments();
        String instance = Objects.requireNonNullElse(given.text("name"), "");
        String name = String.join("/", instance, given.required("language"), given.required("context"));
        if (given.flag("restart") && !drop(name) && given.has("name")) {
            // One that was its parent's, where this is a fork.
            try (AttachedProcess old = starter.start(driver(given))) {
                var _ = old.started();
            }
        }
        Context context = take(name);
        try {
            return context.run(call, starter);
        } finally {
            synchronized (byName) {
                context.callers--;
            }
        }
    }

    /** One of this name; the process of the one that was idle for longest ends, where there are too many. */
    private Context take(String name) throws IOException {
        synchronized (byName) {
            Context context = byName.computeIfAbsent(name, _ -> new Context());
            List<Context> others = byName.values().stream()
                    .filter(each -> each != context && each.isUsed())
                    .toList();
            if (others.size() >= MAX) {
                others.stream()
                        .filter(each -> each.callers == 0)
                        .findFirst()
                        .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                                "snippets run in " + MAX + " contexts, the most that are allowed",
                                "call again when one of them has ended, or use one of those contexts"))
                        .end();
            }
            context.callers++;
            return context;
        }
    }

    /** Tells whether there was one. */
    private boolean drop(String name) throws IOException {
        synchronized (byName) {
            Context gone = byName.remove(name);
            if (gone != null) {
                gone.close();
            }
            return gone != null;
        }
    }

    private static final class Context {
        /** Of the process that runs; each has its own. Before the first one, nothing writes to them. */
        private MarkedOutput stdout = new MarkedOutput();

        private MarkedOutput stderr = stdout;
        /** Of snippets that run or wait; guarded by the map. */
        private int callers;

        private volatile @Nullable AttachedProcess process;
        private Map<String, String> env = Map.of();
        /** The instance that it has for itself; null where it runs in another. */
        private @Nullable String own;
        /** The other instance, and the exec that the driver is there. */
        private @Nullable String exec;

        private volatile boolean dropped;
        /** What the daemon has said of its process. */
        private final List<String> said = new CopyOnWriteArrayList<>();

        private volatile CompletableFuture<ProcessExit> ended = new CompletableFuture<>();

        void close() throws IOException {
            dropped = true;
            AttachedProcess running = process;
            if (running != null) {
                running.close();
            }
        }

        /** Ends the process of one that is idle; the next snippet starts it again. */
        void end() throws IOException {
            ended = CompletableFuture.failedFuture(new IOException("there were too many contexts"));
            Objects.requireNonNull(process).close();
        }

        boolean isUsed() {
            return callers > 0 || (process != null && !ended.isDone());
        }

        /** The process that runs the driver; a new one where there is none, or it has ended. */
        private AttachedProcess open(Call call, List<String> command, Starter starter) throws IOException {
            AttachedProcess known = process;
            if (known != null && !ended.isDone()) {
                if (call.arguments().has("name")) {
                    call.wake(call.instance());
                }
                return known;
            }
            AttachedProcess started = starter.start(command);
            // A refusal is told as it is, and not as the end of a context.
            String id = started.started().execId();
            exec = call.arguments().has("name") ? call.instance() + "/" + id : null;
            own = call.arguments().has("name") ? null : started.instance().name();
            CompletableFuture<ProcessExit> end = new CompletableFuture<>();
            process = started;
            env = call.arguments().textsByName("env");
            ended = end;
            said.clear();
            if (dropped) {
                started.close();
            }
            stdout = new MarkedOutput();
            stderr = new MarkedOutput();
            AttachedProcess.Sink out = stdout::write;
            AttachedProcess.Sink err = stderr::write;
            Thread.ofVirtual().name("context").start(() -> {
                try (started) {
                    end.complete(started.pump(out, err, () -> {}, note -> said.add(Hints.forModel(note))));
                } catch (IOException | RuntimeException lost) {
                    end.completeExceptionally(lost);
                }
            });
            return started;
        }

        /** Sends a snippet; completes with its exit status when all that it wrote is there. */
        private CompletableFuture<Integer> give(AttachedProcess driver, String code, Excerpted out, Excerpted err) {
            String mark = MarkedOutput.newMark();
            CompletableFuture<Integer> status = stdout.begin(out, mark);
            CompletableFuture<Integer> told = stderr.begin(err, mark);
            byte[] bytes = code.getBytes(StandardCharsets.UTF_8);
            // Where that breaks off, the driver has ended.
            Thread.ofVirtual().name("snippet").start(() -> {
                driver.write((mark + " " + bytes.length + "\n").getBytes(StandardCharsets.US_ASCII));
                driver.write(bytes);
            });
            return told.thenCombine(status, (_, exit) -> exit);
        }

        private void check(Call call) throws InterruptedIOException {
            if (call.cancelled().isDone()) {
                throw new InterruptedIOException("the call was cancelled; nothing ran");
            }
            Map<String, String> asked = call.arguments().textsByName("env");
            if (process != null && !ended.isDone() && !asked.isEmpty() && !asked.equals(env)) {
                throw ToolArguments.wrong(
                        "env", "is set when a context starts, and this one runs: set it in the code, or restart");
            }
        }

        /** One at a time. */
        synchronized String run(Call call, Starter starter) throws IOException {
            check(call);
            AttachedProcess before = process;
            Excerpt wanted = Excerpt.of(call.arguments());
            Excerpted begun = new Excerpted(wanted, 0);
            List<String> command = driver(call.arguments());
            AttachedProcess driver = open(call, command, starter);
            boolean begins = driver != before;
            String news = null;
            if (begins) {
                // An interpreter's start takes the time that it takes, and an interrupt would end it.
                Excerpted first = new Excerpted(Excerpt.WHOLE, 0);
                String mark = MarkedOutput.newMark();
                String hello = hello(call.arguments().required("language"), mark);
                await(call, driver, give(driver, hello, first, begun), START.toMillis());
                news = first.beginning().contains(mark) ? newsOf(call, before != null, command.get(NAME)) : null;
                check(call);
            }
            Excerpted out = new Excerpted(wanted, stdout.received());
            // Of an interpreter that did not start, this says why.
            Excerpted err = ended.isDone() ? begun : new Excerpted(wanted, stderr.received());
            CompletableFuture<Integer> status = give(driver, call.arguments().required("code"), out, err);
            boolean intime = await(call, driver, status, 1000L * ProcessRun.timeoutS(call.arguments()));
            List<String> notes = new ArrayList<>();
            call.pictures().addAll(stdout.end(notes));
            stderr.end(notes);
            if (ended.isDone()) {
                notes.add(whyEnded());
            } else if (news != null) {
                notes.add(news);
            }
            if (begins && own != null) {
                notes.add("the context has an instance for itself, which ends with it: " + own);
            }
            ProcessExit exit = intime ? exit(status) : ProcessExit.atTimeout();
            return ProcessRun.ended(exit, exec, out, err, notes);
        }

        /** What is said of an interpreter that has just begun, if its caller may expect variables of another one. */
        private @Nullable String newsOf(Call call, boolean again, String name) throws IOException {
            if (again || exec == null || call.arguments().flag("restart")) {
                return again ? RESTARTED : null;
            }
            long same = call.client().call(Routes.EXECS.to(call.instance()).flag("all", true)).stream()
                    .filter(each -> isContext(each) && each.command().get(NAME).equals(name))
                    .count();
            return same > 1 ? OTHERS : null;
        }

        /** Of a snippet, or of the driver that ended with it. */
        private ProcessExit exit(CompletableFuture<Integer> status) {
            boolean told = status.isDone() || !ended.isDone() || ended.isCompletedExceptionally();
            return told ? ProcessExit.of(status.getNow(1)) : ended.join();
        }

        /** Where its instance stopped too, the reason says what to do. */
        private String whyEnded() {
            String reason = said.stream()
                    .filter(note -> note.startsWith(KILLED) || note.startsWith(NO_MEMORY))
                    .map(note -> ": " + note)
                    .findFirst()
                    .orElse("");
            if (ended.isCompletedExceptionally() && ended.exceptionNow() instanceof ApiException refusal) {
                reason = ": " + Failure.of(refusal).told();
            }
            return ENDED + reason + (reason.isEmpty() || own != null ? AGAIN : "");
        }

        /** Waits for the end of a snippet; false when its time was over, and it was interrupted. */
        private boolean await(Call call, AttachedProcess driver, CompletableFuture<?> done, long millis)
                throws IOException {
            CompletableFuture<?> end = CompletableFuture.anyOf(done, ended, call.cancelled());
            boolean late = call.progress().during("the snippet is running", () -> ProcessRun.isLate(end, millis));
            if (late || call.cancelled().isDone()) {
                driver.signal(SIGINT);
                if (ProcessRun.isLate(CompletableFuture.anyOf(done, ended), INTERRUPT.toMillis())) {
                    Call.quietly(driver);
                    ProcessRun.isLate(ended, INTERRUPT.toMillis());
                }
            }
            return !late;
        }
    }
}
