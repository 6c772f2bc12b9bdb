package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.daemon.idle.IdleWatch.IdleTimers;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.InstanceEvent.Request;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.InstanceState.Snapshot;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable;
import dev.aegisvm.daemon.logs.*;
import java.lang.System.Logger.Level;

/** All instances: finds them by id or handle, and lets in what is asked of them. */
public final class Instances {
    private static final System.Logger LOG = System.getLogger(Instances.class.getName());
    private static final Duration ENDING = Duration.ofSeconds(25);

    private final InstanceActor.Services services;
    private final ImageStock images;
    private final Map<String, InstanceActor> byId = new ConcurrentHashMap<>();
    /** The id that a name belongs to, also a snapshot's; from before it is there until after it is gone. */
    private final Map<String, String> handles = new ConcurrentHashMap<>();

    private volatile boolean closed;

    public Instances(Journal journal, VmWork.Factory vms, PublicPorts ports, ImageStock images, IdleTimers idle) {
        this.services = new InstanceActor.Services(journal, vms, ports, idle, this::connect);
        this.images = images;
    }

    /** Takes in the stopped instances that an earlier daemon left, before the first request. */
    public void recover(List<InstanceRecord> recovered) {
        // All numbers are reserved before the first client comes.
        recovered.forEach(record -> services.ports().keep(record.spec().exposes()));
        for (InstanceRecord record : recovered) {
            record.spec().handle().ifPresent(handle -> handles.put(handle, record.id()));
            var _ = images.claim(record.spec().imageDigest(), record.id());
            byId.put(record.id(), new InstanceActor(services, record, 0, this::forget));
        }
    }

    /**
     * Adds an instance, asked for at that {@link System#nanoTime}, whose ports are those that it wants; returns when
     * its record is durable. It boots in the background, after {@code first}; an ephemeral one only if that gave it its
     * owner.
     */
    public InstanceActor add(InstanceSpec asked, long requested, Consumer<VmWork> first) {
        refuseWhenClosed();
        InstanceSpec spec = reserve(asked);
        InstanceRecord record = InstanceRecord.created(spec);
        // The boot begins while the record is written: after a crash in between, the VM is found by its directory.
        CompletableFuture<?> stored = services.journal().store().insert(record);
        InstanceActor actor = new InstanceActor(services, record, requested, this::forget);
        first.accept(actor.work());
        byId.put(spec.id(), actor);
        CompletableFuture<InstanceState> started = actor.work().awaitsOwner()
                ? CompletableFuture.completedFuture(actor.snapshot().state())
                : actor.begin(new InstanceEvent.Start("created"));
        try {
            Answers.await(stored);
            Answers.await(started);
        } catch (ApiException obstacle) {
            actor.ask(new InstanceEvent.Delete("not created: " + obstacle.getMessage()));
            throw obstacle;
        }
        return actor;
    }

    /** The instance that has this id or handle, whatever its state. */
    public Optional<InstanceActor> named(String name) {
        return Optional.ofNullable(byId.get(handles.getOrDefault(name, name)));
    }

    /** What an instance or a snapshot with this id is called; the id where it has no name. */
    public String nameOf(String id) {
        return handles.entrySet().stream()
                .filter(named -> named.getValue().equals(id))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(id);
    }

    public InstanceView rename(InstanceRef ref, String handle) {
        refuseWhenClosed();
        InstanceActor actor = find(ref);
        // One after the other: each has to know the handle that it replaces.
        synchronized (handles) {
            InstanceSpec before = actor.spec();
            String holder = handles.putIfAbsent(handle, before.id());
            if (holder != null && !holder.equals(before.id())) {
                throw ErrorCode.HANDLE_IN_USE.refusal(
                        "the name '" + handle + "' belongs to another instance", "choose another");
            }
            try {
                actor.ask(new InstanceEvent.Change(
                        spec -> spec.withHandle(Optional.of(handle)), "renamed to '" + handle + "'"));
            } catch (ApiException refusal) {
                if (holder == null) {
                    handles.remove(handle, before.id());
                }
                throw refusal;
            }
            before.handle().filter(old -> !old.equals(handle)).ifPresent(old -> handles.remove(old, before.id()));
        }
        return view(actor);
    }

    /** Takes a name, which no instance and no other snapshot gets then; throws when it is taken. */
    public void takeName(String name, String owner) {
        if (handles.putIfAbsent(name, owner) != null) {
            throw ErrorCode.HANDLE_IN_USE.refusal(
                    "an instance or a snapshot named '" + name + "' already exists", "choose another name");
        }
    }

    public void giveName(String name, String owner) {
        handles.remove(name, owner);
    }

    /** Takes the handle, the image and the ports of a new instance, or nothing. */
    private InstanceSpec reserve(InstanceSpec asked) {
        InstanceSpec spec = asked.withExposes(List.of());
        spec.handle().ifPresent(handle -> takeName(handle, spec.id()));
        try {
            boolean there = images.claim(spec.imageDigest(), spec.id());
            spec.image().filter(image -> !there).ifPresent(image -> {
                throw ErrorCode.IMAGE_NOT_FOUND.refusal("the image " + image.ref() + " is being deleted", "try again");
            });
            return spec.withExposes(services.ports().take(asked.exposes()));
        } catch (ApiException taken) {
            forget(spec);
            throw taken;
        }
    }

    public List<InstanceView> list(Views.Filter filter) {
        return there().filter(filter::accepts).map(this::view).toList();
    }

    public int count() {
        return byId.size();
    }

    public PublicPorts ports() {
        return services.ports();
    }

    public InstanceView get(InstanceRef ref) {
        return view(find(ref));
    }

    public List<StatsView> stats() {
        return there().map(Views::stats).toList();
    }

    private InstanceView view(InstanceActor actor) {
        return Views.of(actor, actor.work().diskBytes());
    }

    /** Lets a request in and waits until it is done or refused. */
    public void ask(InstanceRef ref, Request request) {
        refuseWhenClosed();
        find(ref).ask(request);
    }

    /** Boots it, unless it runs or starts already: a client of one of its ports may have woken it, which is as good. */
    public static void start(InstanceActor actor, String cause) {
        try {
            actor.ask(new InstanceEvent.Start(cause));
        } catch (ApiException refusal) {
            if (!refusal.error().code().equals(ErrorCode.WRONG_STATE.wire())) {
                throw refusal;
            }
        }
    }

    public List<String> lastLines(InstanceActor actor, int most) {
        return LogTail.last(services.journal().log(actor.spec().id()), most).stream()
                .map(json -> ApiJson.answer(LogEntry.class, json).line())
                .toList();
    }

    /** Keeps an instance awake for some time, and wakes it if it is paused; returns until when. */
    public Instant keepAwake(InstanceRef ref, Duration time) {
        refuseWhenClosed();
        InstanceActor actor = find(ref);
        Instant until = actor.idle().uses().keepAwake(time);
        try {
            actor.ask(new InstanceEvent.Use("keepalive"));
        } catch (ApiException refusal) {
            actor.idle().uses().letSleep();
            throw refusal;
        }
        return until;
    }

    /** Ends {@link #keepAwake} early; nothing happens when there is none. */
    public void letSleep(InstanceRef ref) {
        find(ref).idle().uses().letSleep();
    }

    /** Deletes an instance and ends its VM, which {@code ifStopped} refuses; returns when all is gone. */
    public void delete(InstanceRef ref, boolean ifStopped) {
        String cause = "delete requested";
        find(ref).ask(ifStopped ? new InstanceEvent.Prune(cause) : new InstanceEvent.Delete(cause));
    }

    /** Returns when those are gone whose deletion has begun, such as that of a `run` whose client has its answer. */
    public void awaitDeletions() {
        Stream<InstanceActor> deleting =
                byId.values().stream().filter(actor -> actor.snapshot().state() instanceof InstanceState.Deleting);
        all(deleting, new InstanceEvent.Delete("delete requested")).join();
    }

    /** Completes when all of them are done with it, or gone. */
    public static CompletableFuture<Void> all(Stream<InstanceActor> actors, InstanceEvent event) {
        return CompletableFuture.allOf(
                actors.map(actor -> actor.begin(event).exceptionally(_ -> new InstanceState.Deleted()))
                        .toArray(CompletableFuture[]::new));
    }

    private void forget(InstanceSpec spec) {
        services.ports().release(spec.exposes());
        byId.remove(spec.id());
        spec.handle().ifPresent(handle -> handles.remove(handle, spec.id()));
        images.release(spec.id());
    }

    /** Deletes those that have been stopped for so long; returns their ids. */
    public List<String> prune(Duration olderThan) {
        Instant limit = Instant.now().minus(olderThan);
        List<String> ids = new ArrayList<>();
        for (InstanceActor actor : byId.values()) {
            Snapshot now = actor.snapshot();
            boolean old = now.record().stoppedAt().map(limit::isAfter).orElse(false);
            if (old && discard(actor, "pruned")) {
                ids.add(now.record().id());
            }
        }
        return ids;
    }

    /** Whether it was still stopped, and is deleted now. */
    public boolean discard(InstanceActor actor, String cause) {
        try {
            actor.ask(new InstanceEvent.Prune(cause));
            return true;
        } catch (ApiException refused) {
            LOG.log(Level.INFO, "not deleted: " + refused.getMessage());
            return false;
        }
    }

    /** The log of an instance that is enabled. */
    public InstanceLog log(InstanceRef ref) {
        Snapshot now = find(ref).snapshot();
        if (now.state() instanceof InstanceState.Stopped(boolean enabled) && !enabled) {
            throw Answers.refusal(ErrorCode.DISABLED, now);
        }
        return services.journal().log(now.record().id());
    }

    /** Those that are not being deleted, the oldest first. */
    private Stream<InstanceActor> there() {
        return byId.values().stream()
                .filter(actor -> actor.snapshot().state().isThere())
                .sorted(Comparator.comparing(
                                (InstanceActor actor) -> actor.spec().createdAt())
                        .thenComparing(actor -> actor.spec().id()));
    }

    public InstanceActor find(InstanceRef ref) {
        return find(ref, true);
    }

    /** @param tells answers a name that is almost right with the right one, which guests must not learn */
    private InstanceActor find(InstanceRef ref, boolean tells) {
        return named(ref.value())
                .filter(actor -> actor.snapshot().state().isThere())
                .orElseThrow(() -> {
                    List<String> names =
                            there().map(actor -> actor.spec().hostname()).toList();
                    String near = tells ? Nearest.to(ref.value(), names) : null;
                    String meant = near == null ? "" : "did you mean '" + near + "'? ";
                    return ErrorCode.NOT_FOUND.refusal(
                            "there is no instance '" + ref + "'", meant + "'aegis instance list' shows what there is");
                });
    }

    /** Where the HTTP router sends a request that names an instance, or the only one there is. */
    public Reachable.Route route(Optional<String> name) {
        refuseWhenClosed();
        InstanceActor actor =
                name.map(InstanceRef::new).map(ref -> find(ref, false)).orElseGet(this::onlyOne);
        InstanceRecord record = actor.snapshot().record();
        if (!record.enabled()) {
            throw Answers.refusal(ErrorCode.DISABLED, actor.snapshot());
        }
        List<ExposedPort> ports = record.spec().exposes();
        if (ports.isEmpty()) {
            throw ErrorCode.NOT_FOUND.refusal(
                    Answers.nameOf(record) + " exposes no ports", "create it with --expose, for example --expose 80");
        }
        ExposedPort first = ports.getFirst();
        if (!services.ports().isBound(first)) {
            throw ErrorCode.PORT_IN_USE.refusal(
                    "port " + first.publicPort() + " of " + Answers.nameOf(record) + " is in use by another program");
        }
        return new Reachable.Route(actor, first.publicPort());
    }

    private SocketChannel connect(InstanceActor caller, String instance, int guestPort) throws IOException {
        return services.ports().connect(accepting(caller, instance, guestPort), guestPort);
    }

    /** Another instance that lets this one connect to a port of it; throws and says what to do when it does not. */
    public InstanceActor accepting(InstanceActor caller, String instance, int guestPort) {
        InstanceActor other = find(new InstanceRef(instance), false);
        Snapshot now = other.snapshot();
        if (!now.record().enabled()) {
            throw Answers.refusal(ErrorCode.DISABLED, now);
        }
        InstanceSpec wanted = now.record().spec();
        InstanceSpec from = caller.spec();
        if (!wanted.accepts(from, guestPort)) {
            throw ErrorCode.NOT_FOUND.refusal(other.name() + " does not accept connections from " + caller.name()
                    + " to its port " + guestPort + "; allow them with: aegis network allow " + wanted.hostname()
                    + " from:" + from.hostname());
        }
        return other;
    }

    private InstanceActor onlyOne() {
        List<InstanceActor> all = there().toList();
        if (all.size() == 1) {
            return all.getFirst();
        }
        throw ErrorCode.NOT_FOUND.refusal(
                "the request names no instance, and the number of instances is " + all.size(),
                "send the header X-Aegis-Instance with an id or a handle");
    }

    public void refuseWhenClosed() {
        if (closed) {
            throw ErrorCode.SHUTTING_DOWN.refusal("the daemon is shutting down");
        }
    }

    /** Ends all VMs at the same time. Nothing new is let in. What does not end in time is left to be killed. */
    public void close() {
        closed = true;
        long since = System.nanoTime();
        long live = byId.values().stream()
                .filter(actor -> !(actor.snapshot().state() instanceof InstanceState.Stopped))
                .count();
        LOG.log(Level.INFO, "stopping " + live + " VMs, within at most " + ENDING.toSeconds() + " s");
        try {
            all(byId.values().stream(), new InstanceEvent.Stop("aegisd stopped", false))
                    .orTimeout(ENDING.toSeconds(), TimeUnit.SECONDS)
                    .join();
            LOG.log(Level.INFO, live + " VMs stopped after " + (System.nanoTime() - since) / 1_000_000 + " ms");
        } catch (CompletionException late) {
            LOG.log(Level.WARNING, "not all VMs stopped within " + ENDING.toSeconds() + " s; killing the others");
        }
    }
}
