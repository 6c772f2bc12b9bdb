package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ExecViews.OutputCursors;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.guest.GuestProcess;

/**
 * A client that is attached to a process of the guest. A call that blocks holds the process back. What a client is told
 * that has gone away is lost.
 */
public interface ProcessClient {
    /** In place of a client, for a process whose output goes to the log only. */
    ProcessClient NOBODY = new ProcessClient() {};

    /** Whether the client sends what the process finds on its stdin. */
    default boolean sends() {
        return false;
    }

    /** Whether values of secrets are to be hidden from the client. */
    default boolean masked() {
        return false;
    }

    /** The process runs; from now on the client may signal it and write to it. */
    default void started(GuestProcess process) {}

    /** The process wrote so many bytes, 1 or more: called by a thread for each output, before the log is written. */
    default void output(LogStream stream, byte[] bytes, int length) {}

    /**
     * Where what comes next begins: the bytes of each output before it, for a client that came later or missed some.
     */
    default void cursors(OutputCursors next) {}

    /** Output completed log entries (JSON without a newline). Called by the threads of {@link #output}. */
    default void entries(List<byte[]> entries) {}

    /** Runs something when the client has gone away (at once if it has), on a thread that must not be blocked. */
    default void whenLeft(Runnable action) {}

    /** Something that the user should know, in one line. */
    default void note(String line) {}
}
