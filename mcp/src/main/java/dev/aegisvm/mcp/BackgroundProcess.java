package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.client.AttachedProcess;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** A process that goes on while its client does something else. Both of its outputs are kept as one, in the order of arrival. */
final class BackgroundProcess {
    private static final String END = "end";
    /** How much of what came since the cursor a pattern is looked for in, in bytes. */
    private static final int LOOKED_AT = 1 << 20;
    /** How long a process may let wait what is sent to it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String instance;
    private final String id;
    private final String command;
    private final AttachedProcess process;
    private final Output output;
    private final CompletableFuture<ProcessExit> end = new CompletableFuture<>();

    BackgroundProcess(String instance, String id, String command, AttachedProcess process, Output output) {
        this.instance = instance;
        this.id = id;
        this.command = command;
        this.process = process;
        this.output = output;
    }

    /**
     * What a client is told.
     *
     * @param command what it runs, in short
     * @param pid in the guest, where the daemon was asked
     * @param exitCode once it has ended; absent when its end is not known
     * @param error why its end is not known
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record State(
            String id,
            String name,
            @Nullable String command,
            @Nullable Long pid,
            boolean running,
            @Nullable Integer exitCode,
            @Nullable String error) {
        PlainAnswer answer() {
            return new PlainAnswer()
                    .fact("running", running)
                    .fact("exit_code", exitCode)
                    .fact("error", error);
        }
    }

    String instance() {
        return instance;
    }

    String id() {
        return id;
    }

    /** Follows it; what it is to find on its stdin first is written, and its stdin stays open. */
    void start(@Nullable String stdin) {
        Thread.ofVirtual().name("background").start(this::follow);
        if (stdin != null) {
            Thread.ofVirtual()
                    .name("stdin")
                    .start(() -> ProcessRun.untilItEnds(() -> process.write(stdin.getBytes(StandardCharsets.UTF_8))));
        }
    }

    private void follow() {
        try {
            end.complete(process.pump(new AttachedProcess.Sinks(output, output, () -> {}, this::note)));
        } catch (IOException | RuntimeException lost) {
            end.completeExceptionally(lost);
        } finally {
            output.wake();
            ProcessRun.untilItEnds(process::close);
        }
    }

    private void note(String line) {
        output.write(ByteBuffer.wrap(("aegis: " + Hints.forModel(line) + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * What it wrote since the cursor, once there is what the reader waits for, or its time is over.
     *
     * @param note why waiting would be for nothing; null where it is not
     */
    String read(ToolArguments given, CompletableFuture<Void> cancelled, @Nullable String note) throws IOException {
        var _ = cancelled.thenRun(output::wake);
        long from = given.large("cursor");
        boolean toEnd = END.equals(given.text("wait_for"));
        Pattern wanted = Excerpt.pattern(given, "wait_for");
        output.await(
                () -> end.isDone() || cancelled.isDone() || (!toEnd && isThere(from, wanted)),
                note == null ? 1000L * given.number("wait_s") : 0);
        Excerpt.Shown shown = Excerpt.of(given).of(output, from);
        return state().answer().fact("cursor", shown.end()).fact("note", note).with(shown.text());
    }

    /** @param wanted null: anything */
    private boolean isThere(long from, @Nullable Pattern wanted) {
        long near = Math.max(from, output.written() - LOOKED_AT);
        return wanted == null
                ? output.written() > from
                : Excerpt.isIn(output.piece(near, LOOKED_AT).text(), wanted, System.nanoTime());
    }

    State state() {
        Integer exitCode = null;
        String error = null;
        if (end.isCompletedExceptionally()) {
            Throwable lost = end.exceptionNow();
            error = lost instanceof ApiException refusal ? refusal.error().error() : String.valueOf(lost.getMessage());
        } else if (end.isDone()) {
            exitCode = end.join().exitCode();
        }
        return new State(id, instance, command, null, !end.isDone(), exitCode, error);
    }

    void write(String text, boolean last) {
        send(() -> {
            process.write(text.getBytes(StandardCharsets.UTF_8));
            if (last) {
                process.endStdin();
            }
        });
    }

    void signal(int number) {
        send(() -> process.signal(number));
    }

    /** What a process does not read holds back what is sent after it. */
    private void send(ProcessRun.Writing writing) {
        refuseEnded(end.isDone());
        CompletableFuture<Void> sent = new CompletableFuture<>();
        Thread.ofVirtual().name("send").start(() -> {
            try {
                writing.write();
                sent.complete(null);
            } catch (IOException ended) {
                sent.completeExceptionally(ended);
            }
        });
        if (ProcessRun.isLate(CompletableFuture.anyOf(sent, end), PATIENCE.toMillis())) {
            throw ErrorCode.WRONG_STATE.refusal(
                    "the process does not read its stdin; the input waits", "do not resend; process_signal ends it");
        }
        refuseEnded(!sent.isDone() || sent.isCompletedExceptionally());
    }

    private static void refuseEnded(boolean ended) {
        if (ended) {
            throw ErrorCode.WRONG_STATE.refusal("the process has ended", "process_read tells how");
        }
    }

    /** Gives back what an ended one holds; false for one that runs. */
    boolean release() {
        if (end.isDone()) {
            output.release();
        }
        return end.isDone();
    }
}
