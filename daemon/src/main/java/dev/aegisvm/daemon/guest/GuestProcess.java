package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.TerminalSize;
import dev.aegisvm.guest.protocol.*;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.jspecify.annotations.Nullable;

/**
 * A process that runs in the guest.
 *
 * <p>Its streams block; an output without a reader holds the process back after 64 KiB, or 1 MiB where much was
 * read before. Close an output to discard the rest.
 */
public final class GuestProcess {
    private final String execId;
    private volatile CallSender calls;
    private final @Nullable GuestStream stdin;

    private final GuestStream stdout;
    /** Absent where the process has a terminal, which carries both outputs. */
    private final @Nullable GuestStream stderr;

    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private volatile long pid;
    private volatile Instant startedAt = Instant.EPOCH;

    /** A process that is about to be asked for: opens its streams. */
    GuestProcess(ProcessSpec spec, Sent.Opener streams, CallSender calls) throws CallFailed {
        this.execId = spec.execId();
        this.calls = calls;
        this.stdin = spec.stdin() ? streams.open(Direction.TO_GUEST) : null;
        this.stdout = streams.open(Direction.FROM_GUEST);
        this.stderr = spec.tty().isPresent() ? null : streams.open(Direction.FROM_GUEST);
    }

    ToGuest.Exec startCall(ProcessSpec spec) {
        return new ToGuest.Exec(
                execId.equals(ProcessSpec.MAIN) ? null : execId,
                spec.command(),
                spec.env(),
                spec.cwd().orElse(null),
                spec.user().orElse(null),
                spec.tty()
                        .map(size -> new ToGuest.Tty(size.rows(), size.cols()))
                        .orElse(null),
                spec.session().orElse(null),
                stdin == null ? null : stdin.id(),
                stdout.id(),
                stderr == null ? null : stderr.id());
    }

    ToGuest.Adopt adoptCall() {
        return new ToGuest.Adopt(stdout.id(), stderr == null ? null : stderr.id());
    }

    public long pid() {
        return pid;
    }

    public Instant startedAt() {
        return startedAt;
    }

    public String execId() {
        return execId;
    }

    /** To the process; close it for end of file. Without a stdin in the spec every write fails. */
    public OutputStream stdin() {
        return stdin == null ? new NoStdin() : stdin.out();
    }

    /** From the process or its terminal, until end of file. */
    public InputStream stdout() {
        return stdout.in();
    }

    /** From the process, until end of file; empty with a terminal. */
    public InputStream stderr() {
        return stderr == null ? InputStream.nullInputStream() : stderr.in();
    }

    /** Completes when the process was reaped, output may still come; fails when the session ended first. */
    public CompletableFuture<ProcessExit> exit() {
        return exit.copy();
    }

    /** Signals the process group with a signal of 1..64. */
    public void signal(int signal) throws GuestException {
        calls.call(new ToGuest.Signal(execId, signal));
    }

    public void resize(TerminalSize size) throws GuestException {
        calls.call(new ToGuest.Resize(execId, size.rows(), size.cols()));
    }

    /** SIGKILL for all that it started. */
    public void kill() throws GuestException {
        calls.call(new ToGuest.Kill(execId));
    }

    void goesOn(CallSender next) {
        calls = next;
    }

    void started(long guestPid) {
        pid = guestPid;
        startedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    /** Called on the session's reading thread; code that waits for the exit continues on another. */
    void ended(ProcessExit status) {
        if (stdin != null) {
            stdin.close();
        }
        Thread.startVirtualThread(() -> exit.complete(status));
    }

    void lost(IOException cause) {
        Thread.startVirtualThread(() -> exit.completeExceptionally(cause));
    }

    interface CallSender {
        void call(ToGuest<?> call) throws GuestException;
    }

    private static final class NoStdin extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            throw new IOException("the process was started without stdin");
        }
    }
}
