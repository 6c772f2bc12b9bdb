package dev.aegisvm.daemon.guest;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/**
 * A process that runs in the guest.
 *
 * <p>Its streams block; an output that nobody reads holds the process back after 64 KiB. Close an output to discard the rest.
 */
@SuppressWarnings("DoNotCallSuggester") // until the calls are there
public final class GuestProcess {
    GuestProcess() {}

    /** The process id inside the guest. */
    public long pid() {
        throw new UnsupportedOperationException("not yet");
    }

    public String execId() {
        throw new UnsupportedOperationException("not yet");
    }

    /** To the process; close it for end of file. Without a stdin in the spec every write fails. */
    public OutputStream stdin() {
        throw new UnsupportedOperationException("not yet");
    }

    /** From the process or its terminal, until end of file. */
    public InputStream stdout() {
        throw new UnsupportedOperationException("not yet");
    }

    /** From the process, until end of file; empty with a terminal. */
    public InputStream stderr() {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Completes when the process was reaped, maybe before its output has been read to the end; fails with an IOException
     * when the session ended first.
     */
    public CompletableFuture<ExitStatus> exit() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Signals the process group with a signal of 1..64. */
    public void signal(int signal) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    public void resize(TerminalSize size) throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }

    /** SIGKILL for all that it started. */
    public void kill() throws GuestException {
        throw new UnsupportedOperationException("not yet");
    }
}
