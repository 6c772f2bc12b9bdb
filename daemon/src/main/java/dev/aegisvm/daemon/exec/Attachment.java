package dev.aegisvm.daemon.exec;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import java.util.concurrent.CompletableFuture;

/** The one client of an ephemeral instance, and how its process ends. */
public final class Attachment {
    private final CompletableFuture<ProcessClient> client = new CompletableFuture<>();
    private final CompletableFuture<ProcessExit> end = new CompletableFuture<>();

    /** For an instance that nobody has to attach to. */
    static Attachment notNeeded() {
        Attachment attachment = new Attachment();
        attachment.client.complete(new NobodyAttached());
        return attachment;
    }

    public CompletableFuture<ProcessClient> client() {
        return client;
    }

    /** Attaches a client; only the first one is taken. */
    boolean attach(ProcessClient arrived) {
        return client.complete(arrived);
    }

    /** How the process ended; fails with an {@link ApiException} when it never started or its VM went away. */
    CompletableFuture<ProcessExit> end() {
        return end;
    }

    public void exited(ProcessExit exit) {
        end.complete(exit);
    }

    public void failed(ErrorCode code, String reason) {
        end.completeExceptionally(new ApiException(code, reason));
    }
}
