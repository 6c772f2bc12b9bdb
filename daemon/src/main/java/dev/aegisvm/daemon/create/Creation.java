package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.idle.Uses;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;

/**
 * Makes instances, or boots the stopped one that has the handle that is asked for. An ephemeral one belongs to the
 * connection of one client, and is deleted when that ends.
 */
public final class Creation {
    /** How much of its log tells why an instance did not start. */
    private static final int LAST_LINES = 20;

    private final Instances instances;
    private final CreateCheck check;
    private final Duration attachWithin;

    /** @param attachWithin how long an ephemeral instance waits for its client */
    public Creation(Instances instances, CreateCheck check, Duration attachWithin) {
        this.instances = instances;
        this.check = check;
        this.attachWithin = attachWithin;
    }

    /** An instance, which is new, or was stored and is started again. */
    public record Created(InstanceActor actor, boolean isNew) {
        public InstanceView view() {
            return Views.of(actor, Optional.empty());
        }
    }

    /** Creates an instance and boots it in the background; an ephemeral one goes unless a client attaches soon. */
    public Created create(CreateInstance request) {
        Created created = create(request, Optional.empty());
        if (Boolean.TRUE.equals(request.ephemeral())) {
            CompletableFuture.delayedExecutor(attachWithin.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> deleteUnattached(created.actor()));
        }
        return created;
    }

    private void deleteUnattached(InstanceActor actor) {
        if (actor.work().own(new Owner(ProcessClient.NOBODY))) {
            actor.tell(new InstanceEvent.Delete("no client attached to it within " + attachWithin.toSeconds() + " s"));
        }
    }

    /** @param owner of an ephemeral instance; without one it boots when it gets one */
    private Created create(CreateInstance request, Optional<Owner> owner) {
        long requested = System.nanoTime();
        instances.refuseWhenClosed();
        Mounts mounts = check.mounts(request);
        Optional<InstanceActor> known = Optional.ofNullable(request.handle()).flatMap(instances::named);
        if (known.isPresent()) {
            // Its ports and rules change one after the other.
            synchronized (known.get()) {
                startStored(known.get(), request, mounts);
            }
            return new Created(known.get(), false);
        }
        InstanceSpec asked = check.spec(request, mounts);
        InstanceActor made = instances.add(
                asked.withExposes(Exposing.wanted(request.exposes())), requested, work -> owner.ifPresent(work::own));
        return new Created(made, true);
    }

    /** Starts it again, changed as the request says: what that leaves out stays as it is. A refusal changes nothing. */
    private void startStored(InstanceActor actor, CreateInstance request, Mounts mounts) {
        // An ephemeral one is always new: `run` starts no instance that stays, least of all a disabled one.
        boolean runs = !(actor.snapshot().state() instanceof InstanceState.Stopped);
        if (runs || Boolean.TRUE.equals(request.ephemeral())) {
            throw Answers.refusal(ErrorCode.HANDLE_IN_USE, actor.snapshot());
        }
        InstanceSpec stored = actor.spec();
        InstanceSpec changed = check.restarted(actor.name(), request, mounts, stored);
        List<ExposedPort> had = stored.exposes();
        List<ExposedPort> wanted = request.exposes() == null ? had : Exposing.wanted(request.exposes());
        new Exposing(instances).replace(had, wanted, ports -> {
            // It may have been renamed meanwhile; nothing else can change it without starting it.
            UnaryOperator<InstanceSpec> change =
                    now -> changed.with().exposes(ports).handle(now.handle()).build();
            actor.ask(new InstanceEvent.StartByHandle(change, "started again by its name"));
        });
    }

    /**
     * Waits until the main process has started. If it does not, throws with the last lines of the log, and deletes a
     * new instance.
     */
    public void awaitStart(Created created) {
        InstanceActor actor = created.actor();
        try {
            actor.awaitStart();
        } catch (ApiException failure) {
            List<String> log = instances.lastLines(actor, LAST_LINES);
            if (created.isNew()) {
                var _ = instances.discard(actor, "its main process failed to start");
            }
            throw new ApiException(failure.status(), failure.error().withLog(log), failure);
        }
    }

    /**
     * Creates an ephemeral instance for a client, which is told once the boot has begun, and follows its main process
     * to the end. Throws when it is refused, does not start, or its VM ends first.
     */
    public ProcessExit run(CreateInstance request, ProcessClient client, Consumer<InstanceView> created) {
        Owner owner = new Owner(client);
        Created made = create(request, Optional.of(owner));
        return follow(made.actor(), owner, () -> created.accept(made.view()));
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
        Owner owner = new Owner(client);
        if (!actor.work().own(owner)) {
            throw anotherOwns(ref);
        }
        return follow(actor, owner, () -> Instances.start(actor, "its client attached"));
    }

    /** Whatever happens from here on, the instance ends with this call, or with its client's connection. */
    private static ProcessExit follow(InstanceActor actor, Owner owner, Runnable begin) {
        Uses.Use use = actor.connections().uses().begin(Uses.Kind.CLIENT);
        owner.client().whenLeft(() -> delete(actor));
        try (use) {
            begin.run();
            return Answers.await(owner.end());
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
