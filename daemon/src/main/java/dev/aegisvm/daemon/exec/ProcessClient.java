package dev.aegisvm.daemon.exec;

import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.guest.GuestProcess;
import java.io.IOException;
import java.util.List;

/** Somebody who is attached to a process of the guest. A call that blocks holds the process back. */
public interface ProcessClient {
    /** Whether the client sends what the process finds on its stdin. */
    boolean sends();

    /** The process runs; from now on the client may signal it and write to it. */
    void started(GuestProcess process) throws IOException;

    /**
     * The process wrote something. Called by one thread for stdout and by another for stderr.
     *
     * @param length how many of the bytes count
     * @param entries the log entries that the bytes completed, as JSON without a newline
     */
    void output(LogStream stream, byte[] bytes, int length, List<byte[]> entries) throws IOException;

    /** Runs something when the client has gone away (at once if it has), on a thread that must not be blocked. */
    void whenLeft(Runnable action);

    /** Something that the user should know, in one line. */
    void note(String line) throws IOException;
}
