package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.guest.protocol.*;
import org.jspecify.annotations.Nullable;

/** The processes of a session that were asked for and have not been reaped, and what the guest notifies about them. */
final class SessionProcesses implements Calls.Notifications {
    /** Processes at a time, counting those whose start is not answered yet. */
    static final int MAX = 1024;

    private static final int LAST_SIGNAL = 64;
    /** As a shell shows the end by a signal. */
    private static final int SIGNALLED = 128;

    /** Whether the main process goes on in a session after this one. */
    private final boolean mainOutlives;
    /** The guest is a copy, in which processes run that were not started here; its main process will be adopted. */
    private final boolean strangers;

    private final Map<String, GuestProcess> running = new HashMap<>();
    /** Ids of processes of earlier sessions, of which only the end may still be heard. */
    private final Set<String> orphans = new HashSet<>();

    private boolean ready;
    private @Nullable IOException over;

    /** Gives this session what the one before it has. */
    private Consumer<SessionProcesses> predecessor;

    SessionProcesses(boolean mainOutlives, boolean strangers) {
        this(mainOutlives, strangers, _ -> {});
    }

    private SessionProcesses(boolean mainOutlives, boolean strangers, Consumer<SessionProcesses> predecessor) {
        this.mainOutlives = mainOutlives;
        this.strangers = strangers;
        this.predecessor = predecessor;
    }

    /** Those of the session after this one. When that is greeted it gets the main process, with these calls, and the orphans. */
    SessionProcesses next(GuestProcess.CallSender calls) {
        return new SessionProcesses(true, strangers, next -> handOver(next, calls));
    }

    @Override
    public void greeted() {
        predecessor.accept(this);
        predecessor = _ -> {};
    }

    private synchronized void handOver(SessionProcesses next, GuestProcess.CallSender calls) {
        synchronized (next) {
            next.orphans.addAll(orphans);
            GuestProcess main = running.remove(ProcessSpec.MAIN);
            if (main != null) {
                next.running.put(ProcessSpec.MAIN, main);
                main.goesOn(calls);
            }
            next.orphans.addAll(running.keySet());
        }
    }

    /** Adds a process before the guest is asked for it: its exit may be heard before its start is answered. */
    synchronized void add(GuestProcess process) throws CallFailed {
        if (over != null) {
            throw new CallFailed(CallFailed.SESSION_OVER, "the guest session is over: " + over.getMessage());
        }
        if (running.size() + orphans.size() >= MAX) {
            throw new CallFailed(CallFailed.TOO_MANY, "limit of " + running.size() + " running commands reached");
        }
        if (running.putIfAbsent(process.execId(), process) != null) {
            throw new CallFailed(CallFailed.WRONG_STATE, "a process " + process.execId() + " is running already");
        }
    }

    synchronized void remove(GuestProcess process) {
        running.remove(process.execId(), process);
    }

    @Override
    public void exited(FromGuest.Exited exited) throws ProtocolViolation {
        ProcessExit status = status(exited);
        GuestProcess process;
        boolean orphan;
        synchronized (this) {
            process = running.remove(exited.execId());
            orphan = orphans.remove(exited.execId());
        }
        if (process == null) {
            if (orphan || strangers) {
                return;
            }
            throw new ProtocolViolation("an exit of a process that is not running");
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
        lose(cause, mainOutlives);
    }

    /** All that is left is lost, the main process too. */
    void lose(IOException cause) {
        lose(cause, false);
    }

    private void lose(IOException cause, boolean exceptMain) {
        Map<String, GuestProcess> lost;
        synchronized (this) {
            over = cause;
            lost = new HashMap<>(running);
            lost.keySet().removeIf(execId -> exceptMain && execId.equals(ProcessSpec.MAIN));
            running.keySet().removeAll(lost.keySet());
            orphans.addAll(lost.keySet());
        }
        IOException reason = new IOException("the guest session is over: " + cause.getMessage(), cause);
        lost.values().forEach(process -> process.lost(reason));
    }

    private static ProcessExit status(FromGuest.Exited exited) throws ProtocolViolation {
        Integer code = exited.code();
        Integer signal = exited.signal();
        Boolean oom = Boolean.TRUE.equals(exited.oom()) ? Boolean.TRUE : null;
        if (code != null && signal == null && code >= 0 && code <= 255) {
            return new ProcessExit(code, null, oom, null);
        }
        if (signal != null && code == null && signal >= 1 && signal <= LAST_SIGNAL) {
            return new ProcessExit(SIGNALLED + signal, signal, oom, null);
        }
        throw new ProtocolViolation("an exit with code " + code + " and signal " + signal);
    }
}
