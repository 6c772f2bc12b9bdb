package dev.aegisvm.daemon.guest;

import dev.aegisvm.guest.protocol.CallFailed;
import dev.aegisvm.guest.protocol.Calls;
import dev.aegisvm.guest.protocol.FromGuest;
import dev.aegisvm.guest.protocol.ProtocolViolation;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The processes of a session that were asked for and have not been reaped, and what the guest notifies about them. */
final class Processes implements Calls.Notifications {
    /** Processes at a time, counting those whose start is not answered yet. */
    static final int MOST = 1024;

    private static final int LAST_SIGNAL = 64;

    private final Map<String, GuestProcess> running = new HashMap<>();
    private boolean ready;
    private @Nullable IOException over;

    /** Adds a process before the guest is asked for it: its exit may be heard before its start is answered. */
    synchronized void add(GuestProcess process) throws CallFailed {
        if (over != null) {
            throw new CallFailed(CallFailed.SESSION_OVER, "the guest session is over: " + over.getMessage());
        }
        if (running.size() >= MOST) {
            throw new CallFailed(CallFailed.TOO_MANY, "this instance runs " + running.size() + " commands already");
        }
        if (running.putIfAbsent(process.execId(), process) != null) {
            throw new CallFailed(CallFailed.WRONG_STATE, "a process " + process.execId() + " runs already");
        }
    }

    /** Drops a process that the guest refused to start. */
    synchronized void remove(GuestProcess process) {
        running.remove(process.execId(), process);
    }

    @Override
    public void exited(FromGuest.Exited exited) throws ProtocolViolation {
        ExitStatus status = status(exited);
        GuestProcess process;
        synchronized (this) {
            process = running.remove(exited.execId());
        }
        if (process == null) {
            throw new ProtocolViolation("an exit of a process that does not run");
        }
        process.ended(status);
    }

    @Override
    public synchronized void ready(FromGuest.Ready first) throws ProtocolViolation {
        if (ready) {
            throw new ProtocolViolation("a second ready in one session");
        }
        ready = true;
    }

    @Override
    public void over(IOException cause) {
        List<GuestProcess> lost;
        synchronized (this) {
            over = cause;
            lost = List.copyOf(running.values());
            running.clear();
        }
        IOException reason = new IOException("the guest session is over: " + cause.getMessage(), cause);
        lost.forEach(process -> process.lost(reason));
    }

    private static ExitStatus status(FromGuest.Exited exited) throws ProtocolViolation {
        Integer code = exited.code();
        Integer signal = exited.signal();
        boolean oom = Boolean.TRUE.equals(exited.oom());
        if (code != null && signal == null && code >= 0 && code <= 255 && !oom) {
            return ExitStatus.exited(code);
        }
        if (signal != null && code == null && signal >= 1 && signal <= LAST_SIGNAL) {
            return ExitStatus.killed(signal, oom);
        }
        throw new ProtocolViolation("an exit with code " + code + " and signal " + signal);
    }
}
