package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.mcp.McpTool.Call;

/**
 * Sessions of an interpreter in guests, by name: variables, imports and the working directory stay from one snippet to the next.
 * Each is a process that runs a small driver of ours; several run at once, each one snippet at a time.
 */
final class Contexts {
    private static final int MAX = 32;
    private static final int SIGINT = 2;
    /** How long a snippet has to end after an interrupt. */
    private static final Duration INTERRUPT = Duration.ofSeconds(5);

    private final Outputs outputs;
    private final Map<String, Context> byName = new HashMap<>();

    Contexts(Outputs outputs) {
        this.outputs = outputs;
    }

    /** Starts the process that runs a driver. */
    interface Starter {
        AttachedProcess start(List<String> driver) throws IOException;
    }

    /** The command that runs the driver of a language. */
    static List<String> driver(String language) {
        return switch (language) {
            case "python" -> List.of("python3", "-u", "-c", script("session.py"));
            case "bash", "sh" -> List.of("bash", "-c", script("session.sh"));
            case "javascript" -> List.of("node", "-e", script("session.js"));
            default -> throw ToolArguments.wrong("context", "goes with python, bash and javascript");
        };
    }

    private static String script(String name) {
        try (InputStream file = Objects.requireNonNull(Contexts.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** Runs a snippet in a context, which is made when there is none of the name. */
    ProcessRun.Ended run(Call call, String language, String code, Starter starter) throws IOException {
        ToolArguments given = call.arguments();
        String name = String.join(
                "/", Objects.requireNonNullElse(given.text("name"), ""), language, given.required("context"));
        if (given.flag("restart")) {
            drop(name);
        }
        Context context = open(name, language, starter);
        try {
            return context.run(call, code);
        } finally {
            if (context.ended.isDone()) {
                drop(name);
            }
        }
    }

    private Context open(String name, String language, Starter starter) throws IOException {
        synchronized (byName) {
            Context known = byName.get(name);
            if (known != null && !known.ended.isDone()) {
                return known;
            }
            if (byName.size() >= MAX) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        MAX + " contexts are open", "use one of them, or end one with restart");
            }
        }
        Context begun = new Context(starter.start(driver(language)));
        begun.start();
        synchronized (byName) {
            byName.put(name, begun);
        }
        return begun;
    }

    private void drop(String name) throws IOException {
        Context gone;
        synchronized (byName) {
            gone = byName.remove(name);
        }
        if (gone != null) {
            gone.process.close();
        }
    }

    private final class Context {
        private final AttachedProcess process;
        private final CompletableFuture<ProcessExit> ended = new CompletableFuture<>();
        private volatile WritableByteChannel stdout = outputs.output();
        private volatile WritableByteChannel stderr = outputs.output();

        Context(AttachedProcess process) {
            this.process = process;
        }

        void start() {
            Thread.ofVirtual().name("context").start(() -> {
                try {
                    ended.complete(process.pump(new AttachedProcess.Sinks(
                            new Redirected(() -> stdout), new Redirected(() -> stderr), () -> {}, _ -> {})));
                } catch (IOException | RuntimeException lost) {
                    ended.completeExceptionally(lost);
                }
            });
        }

        /** One at a time. */
        synchronized ProcessRun.Ended run(Call call, String code) throws IOException {
            Output out = outputs.output();
            Output err = outputs.output();
            String mark = MarkedOutput.newMark();
            MarkedOutput markedOut = new MarkedOutput(out, mark);
            MarkedOutput markedErr = new MarkedOutput(err, mark);
            stdout = markedOut;
            stderr = markedErr;
            byte[] bytes = code.getBytes(StandardCharsets.UTF_8);
            process.write((mark + " " + bytes.length + "\n").getBytes(StandardCharsets.US_ASCII));
            process.write(bytes);
            boolean intime = await(call, markedOut, markedErr);
            call.pictures().addAll(markedOut.end());
            markedErr.end();
            ProcessExit exit = intime ? ProcessExit.of(markedOut.status().getNow(1)) : ProcessExit.atTimeout();
            ProcessRun.Ended told = ProcessRun.Ended.of(exit, Excerpt.of(call.arguments()), outputs, out, err);
            return ended.isDone()
                    ? told.noted(List.of("the context has ended; what it kept is lost, and the next call begins anew"))
                    : told;
        }

        /** Waits for the end of a snippet; false when its time was over, and it was interrupted. */
        private boolean await(Call call, MarkedOutput out, MarkedOutput err) throws IOException {
            CompletableFuture<?> done = CompletableFuture.anyOf(
                    CompletableFuture.allOf(out.status(), err.status()), ended, call.cancelled());
            long millis = ProcessTools.timeoutMs(call.arguments());
            boolean late = call.progress().during("the snippet is running", () -> isLate(done, millis));
            if (late || call.cancelled().isDone()) {
                process.signal(SIGINT);
                if (isLate(CompletableFuture.anyOf(out.status(), ended), INTERRUPT.toMillis())) {
                    process.close();
                    isLate(ended, INTERRUPT.toMillis());
                }
            }
            return !late;
        }

        private static boolean isLate(CompletableFuture<?> done, long millis) {
            try {
                done.get(millis, TimeUnit.MILLISECONDS);
                return false;
            } catch (TimeoutException late) {
                return true;
            } catch (ExecutionException broken) {
                return false;
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return true;
            }
        }
    }

    /** Leads to where a context's output goes at the moment. */
    private record Redirected(Supplier<WritableByteChannel> to) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            return to.get().write(bytes);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // There is nothing to give back.
        }
    }
}
