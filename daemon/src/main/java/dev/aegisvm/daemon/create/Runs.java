package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.exec.ProcessClient;
import dev.aegisvm.daemon.exec.Run;
import dev.aegisvm.daemon.idle.Uses;
import dev.aegisvm.daemon.instance.*;

/**
 * Ephemeral instances: each belongs to the connection of one client, and is deleted when that ends.
 *
 * @param attachWithin how long an ephemeral instance waits for its client
 */
public record Runs(Instances instances, Creation creation, Duration attachWithin) {
    /** Creates an instance; an ephemeral one is deleted unless a client attaches to it soon. */
    public Creation.Created create(CreateInstance request) {
        Creation.Created created = creation.create(request, Optional.empty());
        if (Boolean.TRUE.equals(request.ephemeral())) {
            CompletableFuture.delayedExecutor(attachWithin.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> deleteUnattached(created.actor()));
        }
        return created;
    }

    private void deleteUnattached(InstanceActor actor) {
        if (actor.work().own(Run.withoutClient())) {
            actor.tell(new InstanceEvent.Delete("no client attached to it within " + attachWithin.toSeconds() + " s"));
        }
    }

    /**
     * Creates an ephemeral instance for a client, and follows its main process to the end.
     *
     * @param created is told of the instance when its record is durable; its boot has begun by then
     * @throws ApiException when it is refused, its main process does not start, or its VM ends first
     */
    public ProcessExit run(CreateInstance request, ProcessClient client, Consumer<InstanceView> created) {
        Run run = new Run(client);
        Creation.Created made = creation.create(request, Optional.of(run));
        return follow(made.actor(), run, client, () -> created.accept(made.view()));
    }

    /** Checks that a client may attach, before its connection is switched over. */
    public void checkAttachable(InstanceRef ref) {
        instances.refuseWhenClosed();
        if (!attachable(ref).work().awaitsOwner()) {
            throw anotherOwns(ref);
        }
    }

    /** Boots an ephemeral instance that was created earlier, for a client that has attached. */
    public ProcessExit attach(InstanceRef ref, ProcessClient client) {
        InstanceActor actor = attachable(ref);
        Run run = new Run(client);
        if (!actor.work().own(run)) {
            throw anotherOwns(ref);
        }
        return follow(actor, run, client, () -> {
            var _ = actor.begin(new InstanceEvent.Start("its client attached"))
                    .whenComplete((_, refusal) -> run.notStarted(refusal));
        });
    }

    /** Whatever happens from here on, the instance ends with this call, or with its client's connection. */
    private static ProcessExit follow(InstanceActor actor, Run run, ProcessClient client, Runnable begin) {
        Uses.Use use = actor.uses().begin(Uses.Kind.CLIENT);
        client.whenLeft(() -> delete(actor));
        try (use) {
            begin.run();
            return run.await();
        } finally {
            delete(actor);
        }
    }

    private static void delete(InstanceActor actor) {
        actor.tell(new InstanceEvent.Delete("its client disconnected"));
    }

    private InstanceActor attachable(InstanceRef ref) {
        InstanceActor actor = instances.find(ref);
        if (!actor.spec().hasClient()) {
            throw ErrorCode.WRONG_STATE.refusal(
                    actor.name() + " is not ephemeral",
                    "its output is in its logs; start another process with 'aegis exec'");
        }
        return actor;
    }

    private static ApiException anotherOwns(InstanceRef ref) {
        return ErrorCode.WRONG_STATE.refusal("another client is attached to instance '" + ref + "'");
    }
}
