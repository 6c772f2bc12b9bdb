package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.idle.*;
import dev.aegisvm.daemon.idle.IdleWatch.IdleTimers;
import dev.aegisvm.daemon.instance.Decision.*;
import dev.aegisvm.daemon.instance.InstanceEvent.IdleTimer;
import dev.aegisvm.daemon.instance.InstanceState.Snapshot;
import dev.aegisvm.daemon.task.Task;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * One instance: the only one who changes it. Whatever happens to it comes in by one mailbox and is handled by one
 * thread, one event after the other: decide, make the change durable, then act and answer.
 */
public final class InstanceActor implements PublicPorts.Caller {
    private static final System.Logger LOG = System.getLogger(InstanceActor.class.getName());

    private final Services services;
    private final Consumer<InstanceSpec> gone;
    private final VmWork work;
    private final IdleWatch idle;
    private final WakeClock wakes;
    private final BlockingQueue<Envelope> mailbox = new LinkedBlockingQueue<>();
    private final Decision.Waiters waiters = new Decision.Waiters();
    private final Connections connections;
    /** How the boot that began last has ended: {@link #awaitStart}. */
    private volatile CompletableFuture<Void> start = CompletableFuture.completedFuture(null);

    /** A bug was the last that happened. */
    private boolean recovering;
    /** A boot has begun, and its report has not been handled yet. */
    private boolean booting;

    private Future<?> expiry = CompletableFuture.completedFuture(null);
    private InstanceState state;
    private String told; // the state in the latest event
    private InstanceRecord record;
    private volatile Snapshot snapshot;

    /** What all instances share. */
    record Services(Journal journal, VmWork.Factory vms, PublicPorts ports, IdleTimers idle, Others others) {}

    /** {@link PublicPorts.Caller#connect} of an instance. */
    interface Others {
        SocketChannel connect(InstanceActor caller, String instance, int guestPort) throws IOException;
    }

    /** @param asked {@link System#nanoTime} when it came in */
    private record Envelope(InstanceEvent event, @Nullable CompletableFuture<InstanceState> answer, long asked) {}

    /** Begins the life of an instance, stopped; {@code requested} is 0 for one of an earlier daemon. */
    InstanceActor(Services services, InstanceRecord record, long requested, Consumer<InstanceSpec> gone) {
        this.services = services;
        this.gone = gone;
        this.record = record;
        this.state = new InstanceState.Stopped(record.enabled());
        this.told = requested == 0 ? state.label() : "none";
        this.snapshot = new Snapshot(record, state, now(), "");
        this.work = services.vms().of(record.spec(), requested, this::tell);
        this.wakes = new WakeClock(requested == 0, services.journal().counters());
        InstanceSpec spec = record.spec();
        this.idle = new IdleWatch(services.idle(), spec.idle(), spec.isReachable());
        this.connections = new Connections(
                idle.uses(),
                services.journal().counters(),
                services.journal().budget().share());
        expireAt(spec.life().end());
        if (state.enabled()) {
            services.ports().open(spec.exposes(), this);
        }
        Thread.ofVirtual().name("instance-" + record.id()).start(this::live);
    }

    /** Asks for something and returns the state that it led to; throws when it is refused, or missed. */
    public InstanceState ask(InstanceEvent event) {
        return Answers.await(begin(event));
    }

    public CompletableFuture<InstanceState> begin(InstanceEvent event) {
        return post(event, new CompletableFuture<>());
    }

    /** Ends its VM and does something short with its disk before it can start again; throws when it was deleted. */
    public void whileStopped(String cause, Runnable work) {
        CompletableFuture<InstanceState> stopped = new CompletableFuture<>();
        // Known before it can be stopped, so done by the instance's own thread, which handles no start meanwhile.
        CompletableFuture<Void> done = stopped.thenAccept(end -> {
            if (!end.isThere()) {
                throw Answers.missed(snapshot.record(), end);
            }
            work.run();
        });
        var _ = post(new InstanceEvent.Stop(cause, false), stopped);
        var _ = Answers.await(done);
    }

    /** Waits until the boot that began last has started the main process; throws when it did not, and says why. */
    public void awaitStart() {
        var _ = Answers.await(start);
    }

    private CompletableFuture<InstanceState> post(InstanceEvent event, CompletableFuture<InstanceState> answer) {
        Envelope envelope = new Envelope(event, answer, System.nanoTime());
        mailbox.add(envelope);
        // The thread that empties the mailbox may have ended.
        if (snapshot.state() instanceof InstanceState.Deleted gone && mailbox.remove(envelope)) {
            answer.completeExceptionally(Answers.missed(record, gone));
        }
        return answer;
    }

    public void tell(InstanceEvent event) {
        mailbox.add(new Envelope(event, null, System.nanoTime()));
    }

    public Snapshot snapshot() {
        return snapshot;
    }

    public InstanceSpec spec() {
        return snapshot.record().spec();
    }

    /** Its state as clients see it. An ephemeral one that has no client yet is about to start. */
    InstanceStatus status() {
        return work.awaitsOwner() ? InstanceStatus.STARTING : snapshot.state().status();
    }

    @Override
    public String name() {
        return Answers.nameOf(snapshot.record());
    }

    @Override
    public Connections connections() {
        return connections;
    }

    @Override
    public LiveVm awake(String cause, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            InstanceState reached = Answers.await(begin(new InstanceEvent.Connect(cause)), left);
            if (reached instanceof InstanceState.Running running) {
                return running.vm();
            }
            // It was being stopped, and now it is: the next round boots it.
        }
    }

    @Override
    public boolean runs() {
        return snapshot.state() instanceof InstanceState.Running;
    }

    @Override
    public void wake(String cause) {
        if (!runs()) {
            tell(new InstanceEvent.Wake(cause));
        }
    }

    @Override
    public void log(String line) {
        services.journal().log(record.id()).system(line);
    }

    @Override
    public Egress egress() {
        return spec().egress();
    }

    @Override
    public SocketChannel connect(String instance, int guestPort) throws IOException {
        return services.others().connect(this, instance, guestPort);
    }

    PublicPorts ports() {
        return services.ports();
    }

    IdleWatch idle() {
        return idle;
    }

    WakeClock wakes() {
        return wakes;
    }

    public VmWork work() {
        return work;
    }

    private void live() {
        try {
            while (!(state instanceof InstanceState.Deleted)) {
                Envelope envelope = mailbox.take();
                Runnable handling = () -> {
                    handle(envelope);
                    recovering = false;
                };
                Task.run(record.id() + " " + envelope.event(), handling, bug -> recover(envelope, bug));
            }
            for (Envelope late = mailbox.poll(); late != null; late = mailbox.poll()) {
                handle(late);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * A bug left the event half handled: those who wait are told, and the VM is ended, after which the instance can be
     * started again. A boot under way is aborted, and reports its end. If this fails too, the daemon ends, and the next
     * one recovers the instance.
     */
    private void recover(Envelope envelope, Throwable bug) {
        if (recovering || state instanceof InstanceState.Deleting) {
            throw new IllegalStateException(record.id() + " cannot recover", bug);
        }
        recovering = true;
        String cause = "internal error: " + bug;
        ApiException failure = ErrorCode.INTERNAL.refusal(cause, bug);
        if (envelope.answer() != null) {
            envelope.answer().completeExceptionally(failure);
        }
        waiters.fail(failure);
        LiveVm vm = envelope.event() instanceof InstanceEvent.Booted booted ? booted.vm() : state.vm();
        if (vm != null) {
            vm.kill();
            tell(new InstanceEvent.VmGone(vm, cause));
        }
        if (booting) {
            work.begin(new Effect.AbortBoot());
        } else if (state instanceof InstanceState.Starting || state instanceof InstanceState.Aborting) {
            tell(new InstanceEvent.BootFailed(ErrorCode.INTERNAL, cause));
        }
    }

    private void handle(Envelope envelope) {
        if (envelope.event() instanceof InstanceEvent.Booted || envelope.event() instanceof InstanceEvent.BootFailed) {
            booting = false;
        }
        Circumstances now = circumstances(envelope.event());
        Decision decision = Transitions.decide(state, envelope.event(), now);
        if (!persist(decision, envelope)) {
            return;
        }
        Snapshot before = snapshot;
        enter(decision, envelope.event());
        decision.effects().forEach(effect -> act(effect, envelope.asked(), before));
        if (state instanceof InstanceState.Deleted) {
            expireAt(Optional.empty());
            gone.accept(record.spec());
        }
        tellOfStart(before.state(), envelope.event());
        answer(decision.answer(), envelope, now);
        waiters.tell(state, reached -> Answers.missed(record, reached));
    }

    /** What costs something is asked only where it can count. */
    private Circumstances circumstances(InstanceEvent event) {
        InstanceSpec next = event instanceof InstanceEvent.StartByHandle start
                ? start.change().apply(record.spec())
                : record.spec();
        return new Circumstances(
                record.spec().life(),
                idle.signals(),
                event instanceof InstanceEvent.Frozen && connections.anyWaits(),
                work.awaitsOwner(),
                state instanceof InstanceState.Stopped && InstanceEvent.mayBoot(event)
                        ? work.shortage(next.size().memoryMb())
                        : Optional.empty(),
                event instanceof InstanceEvent.Pause && state instanceof InstanceState.Running(LiveVm vm)
                        ? vm.obstacleToPause()
                        : Optional.empty());
    }

    /** Makes a change durable. When that fails, a request is refused; a report is handled anyway. */
    private boolean persist(Decision decision, Envelope envelope) {
        InstanceRecord changed = decision.change(record, now());
        // Which VM has booted was made durable by its boot.
        boolean durable = changed.equals(record) || envelope.event() instanceof InstanceEvent.Booted;
        try {
            if (!durable) {
                services.journal().store().update(changed);
            }
        } catch (ApiException obstacle) {
            LOG.log(Level.ERROR, obstacle.getMessage());
            if (envelope.answer() != null) {
                envelope.answer().completeExceptionally(obstacle);
                return false;
            }
        }
        record = changed;
        return true;
    }

    private void enter(Decision decision, InstanceEvent event) {
        if (decision.effects().contains(new Effect.NoteUse())) {
            record = record.withLastActiveAt(now());
        }
        boolean changes = !decision.next().equals(state);
        state = decision.next();
        Snapshot last = snapshot;
        // A pause has its cause from the event that began it.
        String cause = event instanceof InstanceEvent.Frozen ? last.cause() : event.cause();
        snapshot = changes
                ? new Snapshot(record, state, now(), cause)
                : new Snapshot(record, state, last.since(), last.cause());
        String label = state.label();
        if (!label.equals(told)) {
            services.journal().changed(record, told, label, event.cause());
            told = label;
        }
    }

    /** Tells those who wait for a start, where the event was its end. */
    private void tellOfStart(InstanceState before, InstanceEvent event) {
        boolean wanted = before instanceof InstanceState.Starting;
        if (event instanceof InstanceEvent.Booted && wanted) {
            start.complete(null);
        } else if (event instanceof InstanceEvent.BootFailed failed && wanted) {
            start.completeExceptionally(failed.code().refusal(failed.cause()));
        } else if (event instanceof InstanceEvent.Booted || event instanceof InstanceEvent.BootFailed) {
            start.completeExceptionally(Answers.missed(record, state));
        }
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    private void act(Effect effect, long asked, Snapshot before) {
        switch (effect) {
            case Effect.NoteExit _ -> {}
            case Effect.ChangeSpec _ -> adopt(before.record().spec(), record.spec());
            case Effect.NoteUse _ -> idle.uses().touch();
            case Effect.NoteStop stop -> {
                if (stop.failedStart()) {
                    log("start failed: " + stop.reason());
                }
                work.stopped();
            }
            case Effect.Boot _ -> {
                start = new CompletableFuture<>();
                work.boot(record.spec(), this);
                booting = true;
            }
            case Effect.Slow slow -> work.begin(slow);
            case Effect.OnDisk disk -> disk.work().run();
            case Effect.OpenPorts _ -> services.ports().open(record.spec().exposes(), this);
            case Effect.ClosePorts _ -> services.ports().close(record.spec().exposes());
            case Effect.WatchIdle(LiveVm vm) -> idle.begin(vm::usage, cause -> tell(new IdleTimer(vm, cause)));
            case Effect.LookAgain _ -> idle.lookAgain();
            case Effect.AwaitIdleStop(LiveVm vm) -> idle.asleep(cause -> tell(new IdleTimer(vm, cause)));
            case Effect.EndIdleWatch _ -> idle.end();
            case Effect.MarkWake mark -> wakes.note(mark.mark(), asked, snapshot.cause());
            case Effect.Follow follow -> tell(follow.event());
        }
    }

    /** Sets its ports and its timers, where they differ. */
    private void adopt(InstanceSpec had, InstanceSpec spec) {
        Optional<PublicPorts.Reachable> open = state.enabled() ? Optional.of(this) : Optional.empty();
        services.ports().change(had.exposes(), spec.exposes(), open);
        if (spec.isReachable() != had.isReachable() || !spec.idle().equals(had.idle())) {
            idle.change(spec.idle(), spec.isReachable());
            idle.lookAgain();
        }
        expireAt(spec.life().end());
    }

    /** It is deleted then, or at once where that has passed already; where it is empty, never. */
    private void expireAt(Optional<Instant> end) {
        expiry.cancel(false);
        Runnable over = () -> tell(new InstanceEvent.Delete("its ttl has expired"));
        end.ifPresent(time -> expiry = services.idle().after(Duration.between(Instant.now(), time), over));
    }

    private void answer(Answer answer, Envelope envelope, Circumstances now) {
        CompletableFuture<InstanceState> asker = envelope.answer();
        if (asker == null) {
            return;
        }
        switch (answer) {
            case Answer.Accepted _ -> asker.complete(state);
            case Answer.When when -> waiters.add(when.goal(), asker);
            case Answer.Refused refused -> asker.completeExceptionally(Answers.refusal(refused.code(), snapshot, now));
        }
    }
}
