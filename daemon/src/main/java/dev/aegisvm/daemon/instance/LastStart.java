package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.instance.InstanceEvent.BootFailed;
import dev.aegisvm.daemon.instance.InstanceEvent.Booted;
import dev.aegisvm.daemon.instance.InstanceState.Starting;

/** How the boot of one instance that began last has ended, for those who wait for it. Told by one thread. */
final class LastStart {
    private volatile CompletableFuture<Void> end = CompletableFuture.completedFuture(null);

    void begun() {
        end = new CompletableFuture<>();
    }

    /** Completes when the main process has started; fails with an {@link ApiException} when it did not. */
    CompletableFuture<Void> end() {
        return end;
    }

    /** An event has been handled, which led to the state that the instance has now. */
    void note(InstanceState before, InstanceEvent event, InstanceState.Snapshot now) {
        boolean wanted = before instanceof Starting;
        if (event instanceof Booted && wanted) {
            end.complete(null);
        } else if (event instanceof BootFailed failed && wanted) {
            end.completeExceptionally(failed.code().refusal(failed.cause()));
        } else if (event instanceof Booted || event instanceof BootFailed) {
            end.completeExceptionally(Answers.missed(now.record(), now.state()));
        }
    }
}
