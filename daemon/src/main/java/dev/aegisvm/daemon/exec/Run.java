package dev.aegisvm.daemon.exec;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.daemon.guest.GuestProcess;
import dev.aegisvm.daemon.instance.Answers;
import dev.aegisvm.daemon.instance.VmWork.Owner;
import dev.aegisvm.daemon.logs.InstanceLog;

/** A main process and the client that is connected with it. */
public final class Run implements Owner {
    private final ProcessClient client;
    private final CompletableFuture<ProcessExit> end = new CompletableFuture<>();

    public Run(ProcessClient client) {
        this.client = client;
    }

    /** Waits for the end of the main process; throws when it never started, or its VM ended first. */
    public ProcessExit await() {
        return Answers.await(end);
    }

    @Override
    public CompletableFuture<Void> started(GuestProcess main, InstanceLog log) {
        client.started(main);
        return ProcessPump.start(main, log, null, client);
    }

    @Override
    public boolean waits() {
        return !client.equals(ProcessClient.NOBODY);
    }

    @Override
    public void note(String line) {
        client.note(line);
    }

    @Override
    public void exited(ProcessExit exit) {
        end.complete(exit);
    }

    @Override
    public void failed(ErrorCode code, String reason) {
        end.completeExceptionally(code.refusal(reason));
    }
}
