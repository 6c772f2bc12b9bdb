package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;

/** Who gets the output and the end of a main process: the client of a {@code run}, or the log alone. */
public final class Owner {
    private final ProcessClient client;
    private final CompletableFuture<ProcessExit> end = new CompletableFuture<>();

    public Owner(ProcessClient client) {
        this.client = client;
    }

    public ProcessClient client() {
        return client;
    }

    public boolean waits() {
        return !client.equals(ProcessClient.NOBODY);
    }

    /** The end of the main process; exceptional when it never started, or its VM ended first. */
    public CompletableFuture<ProcessExit> end() {
        return end;
    }

    /** The main process ended, and all its output has been passed on. */
    public void exited(ProcessExit exit) {
        end.complete(exit);
    }

    /** No exit will follow: the boot failed, the VM ended, or it was deleted. Ignored after {@link #exited}. */
    public void failed(ErrorCode code, String reason) {
        end.completeExceptionally(code.refusal(reason));
    }
}
