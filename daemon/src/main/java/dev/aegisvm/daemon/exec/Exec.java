package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.exec.KeptOutput.Piece;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.*;

/** A process beside the main one, while it runs and for a while after: its output, its end, and what clients do with it. */
public final class Exec {
    private static final int PIECE = 32 * 1024;
    /** Of each argument, once it has ended. */
    private static final int ENDED_ARGUMENT = 256;

    private static final int ENDED_ARGUMENTS = 16;

    private final GuestProcess process;
    private final boolean terminal;
    private final boolean detached;
    private final boolean merged;
    private final InstanceLog log;
    private final KeptOutput output;
    private final Consumer<Exec> afterwards;
    private final CompletableFuture<ProcessExit> end = new CompletableFuture<>();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile List<String> command;
    private volatile Instant endedAt = Instant.MAX;

    /** @param afterwards is told when it has ended */
    Exec(ExecRequest request, GuestProcess process, InstanceLog log, KeptOutput output, Consumer<Exec> afterwards) {
        this.process = process;
        this.command = request.command();
        this.terminal = request.tty() != null;
        this.detached = Boolean.TRUE.equals(request.detach());
        this.merged = Boolean.TRUE.equals(request.merge());
        this.log = log;
        this.output = output;
        this.afterwards = afterwards;
    }

    GuestProcess process() {
        return process;
    }

    KeptOutput output() {
        return output;
    }

    /** As which output it shows what is written to another. */
    LogStream shown(LogStream written) {
        return merged ? LogStream.STDOUT : written;
    }

    Instant endedAt() {
        return endedAt;
    }

    boolean hasEnded() {
        return end.isDone();
    }

    public ExecView view() {
        boolean ended = hasEnded();
        boolean lost = ended && end.isCompletedExceptionally();
        return new ExecView(
                process.execId(),
                command,
                process.pid(),
                process.startedAt(),
                terminal,
                detached,
                ended ? endedAt : null,
                ended && !lost ? end.join() : null,
                lost ? end.exceptionNow().getMessage() : null);
    }

    /** All that it wrote is kept, and this is how it ended. */
    void ended(ProcessExit exit) {
        over(() -> end.complete(exit));
    }

    /** Why it is not known how it ended; nothing, where it is. */
    void lost(ApiException reason) {
        over(() -> end.completeExceptionally(reason));
    }

    private void over(Runnable completion) {
        if (!hasEnded()) {
            endedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            command = command.stream()
                    .limit(ENDED_ARGUMENTS)
                    .map(argument -> argument.substring(0, Math.min(ENDED_ARGUMENT, argument.length())))
                    .toList();
            completion.run();
            output.end();
            afterwards.accept(this);
        }
    }

    /** A piece of an output from a cursor on; waits so long for its first byte or its end, unless the client leaves. */
    public ExecOutput read(Wanted wanted, Duration patience, CompletableFuture<Void> left) throws InterruptedException {
        var _ = left.thenRun(output::wake);
        LogStream stream = wanted.stream();
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            OutputCursors seen = output.written();
            boolean over = output.isOver();
            Piece piece = output.read(stream, wanted.cursor(), wanted.length(), mask(wanted.masked()));
            long wait = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            boolean there = piece.bytes().length > 0 || piece.begin() < wanted.cursor();
            if (over || there || wait <= 0 || left.isDone()) {
                return answer(piece, stream == LogStream.STDERR ? seen.stderr() : seen.stdout());
            }
            output.await(seen, left::isDone, wait);
        }
    }

    /** What a reader asks for: at most so many bytes of an output, from a cursor on. */
    public record Wanted(LogStream stream, long cursor, int length, boolean masked) {}

    private ExecOutput answer(Piece piece, long written) {
        ExecView now = view();
        String data = Base64.getEncoder().encodeToString(piece.bytes());
        return new ExecOutput(
                piece.begin(), data, Math.max(written, piece.end()), now.endedAt() == null, now.exit(), now.error());
    }

    private SecretMask mask(boolean masked) {
        return masked ? log.mask() : SecretMask.NONE;
    }

    /**
     * Shows a client what it writes, from these cursors or from now on, until it ends, and returns how. A client that
     * reads too slowly does not hold it back, and is told what it missed. Throws when the end is not known, or the
     * client has gone.
     */
    public ProcessExit show(ProcessClient client, Optional<Long> from, Optional<Long> fromOfStderr) {
        AtomicBoolean left = new AtomicBoolean();
        client.whenLeft(() -> {
            left.set(true);
            Thread.startVirtualThread(output::wake);
        });
        OutputCursors now = output.written();
        try (ForeignBudget.Hold _ = output.reader()) {
            client.started(process);
            follow(client, new OutputCursors(from.orElse(now.stdout()), fromOfStderr.orElse(now.stderr())), left);
            return Answers.await(end);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw ErrorCode.SHUTTING_DOWN.refusal("the daemon is shutting down", stop);
        }
    }

    private void follow(ProcessClient client, OutputCursors from, AtomicBoolean left) throws InterruptedException {
        OutputCursors at = from;
        client.cursors(at);
        while (!left.get()) {
            OutputCursors seen = output.written();
            boolean over = output.isOver();
            OutputCursors next = new OutputCursors(
                    pass(client, LogStream.STDOUT, at.stdout()), pass(client, LogStream.STDERR, at.stderr()));
            if (next.equals(at)) {
                if (over) {
                    return;
                }
                output.await(seen, left::get, Long.MAX_VALUE);
            }
            at = next;
        }
        throw ErrorCode.GUEST_FAILED.refusal("the client disconnected");
    }

    /** Shows a piece of an output, and returns where it ended. */
    private long pass(ProcessClient client, LogStream stream, long cursor) {
        Piece piece = output.read(stream, cursor, PIECE, mask(client.masked()));
        if (piece.begin() > cursor) {
            client.note((piece.begin() - cursor) + " bytes of " + stream.wire() + " are not kept any more");
            OutputCursors now = output.written();
            client.cursors(
                    stream == LogStream.STDOUT
                            ? new OutputCursors(piece.begin(), now.stderr())
                            : new OutputCursors(now.stdout(), piece.begin()));
        }
        if (piece.bytes().length > 0) {
            client.output(stream, piece.bytes(), piece.bytes().length);
        }
        return piece.end();
    }

    /** Writes to its stdin, and ends it after the last; blocks while it does not read. Clients' bytes are not mixed. */
    public void write(InputStream bytes, boolean last) throws IOException {
        writing.lock();
        try {
            OutputStream stdin = process.stdin();
            byte[] piece = new byte[PIECE];
            for (int count = bytes.read(piece); count >= 0; count = bytes.read(piece)) {
                put(stdin, piece, count);
            }
            if (last) {
                stdin.close();
            }
        } finally {
            writing.unlock();
        }
    }

    private void put(OutputStream stdin, byte[] piece, int count) {
        try {
            stdin.write(piece, 0, count);
        } catch (IOException closed) {
            boolean ended = hasEnded();
            throw ErrorCode.WRONG_STATE.refusal(
                    "cannot write to the stdin of " + process.execId() + ": "
                            + (ended ? "the process has ended" : closed.getMessage() + "; the process still runs"),
                    ended
                            ? "'aegis exec ps --all' shows how it ended; 'aegis exec' starts another"
                            : "'aegis exec' starts another, whose stdin is open",
                    closed);
        }
    }

    public void resize(TerminalSize size) {
        if (!terminal) {
            throw ErrorCode.WRONG_STATE.refusal(process.execId() + " has no terminal");
        }
        ask(() -> process.resize(size));
    }

    /** @param signal for its process group; 0 kills all that it started */
    static void signal(GuestProcess process, int signal) {
        ask(signal == 0 ? process::kill : () -> process.signal(signal));
    }

    private interface GuestCall {
        void make() throws GuestException;
    }

    private static void ask(GuestCall call) {
        try {
            call.make();
        } catch (GuestException obstacle) {
            throw ErrorCode.GUEST_FAILED.refusal(String.valueOf(obstacle.getMessage()), obstacle);
        }
    }
}
