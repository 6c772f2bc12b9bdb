package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.daemon.idle.IdleTimers;
import dev.aegisvm.daemon.idle.Uses;
import dev.aegisvm.daemon.instance.Decision.Answer;
import dev.aegisvm.daemon.instance.InstanceEvent.Request;
import dev.aegisvm.daemon.task.Task;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One instance: the only one who changes it. Whatever happens to it comes in by one mailbox and is handled by one thread, one
 * event after the other: decide, make the change durable, then act and answer.
 */
public final class InstanceActor implements Reachable {
    private static final System.Logger LOG = System.getLogger(InstanceActor.class.getName());

    private final Services services;
    private final Consumer<InstanceSpec> gone;
    private final VmWork work;
    private final IdleWatch idle;
    private final WakeClock wakes;
    private final BlockingQueue<Envelope> mailbox = new LinkedBlockingQueue<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final Connections connections;
    private boolean portsOpen;
    /** A bug was the last that happened. */
    private boolean recovering;

    private InstanceState state;
    /** The state in the latest event. */
    private String told;

    private InstanceRecord record;
    private volatile Snapshot snapshot;

    /** What all instances share. */
    record Services(Journal journal, VmWork.Factory vms, PublicPorts ports, IdleTimers idle) {}

    /** What everybody may read at any time. */
    public record Snapshot(InstanceRecord record, InstanceState state) {}

    /** @param asked {@link System#nanoTime} when it came in */
    private record Envelope(InstanceEvent event, @Nullable CompletableFuture<InstanceState> answer, long asked) {
        Envelope(InstanceEvent event, @Nullable CompletableFuture<InstanceState> answer) {
            this(event, answer, System.nanoTime());
        }
    }

    private record Waiting(Goal goal, CompletableFuture<InstanceState> answer) {}

    /**
     * Begins the life of an instance, stopped.
     *
     * @param requested {@link System#nanoTime} when it was asked for; 0 when it is from an earlier daemon
     * @param gone is told when it has been deleted
     */
    InstanceActor(Services services, InstanceRecord record, long requested, Consumer<InstanceSpec> gone) {
        this.services = services;
        this.gone = gone;
        this.record = record;
        this.state = new InstanceState.Stopped(record.enabled());
        this.told = requested == 0 ? state.label() : "none";
        this.snapshot = new Snapshot(record, state);
        this.work = services.vms().of(record.spec(), requested, this::tell);
        this.wakes = new WakeClock(requested == 0);
        this.idle = new IdleWatch(services.idle(), record.spec(), this::tell);
        this.connections = new Connections(idle.uses());
        openOrClosePorts();
        Thread.ofVirtual().name("instance-" + record.id()).start(this::live);
    }

    /**
     * Asks for something and waits for the answer.
     *
     * @throws ApiException when it is refused, or can no longer come true
     */
    public void ask(Request request) {
        Answers.await(begin(request));
    }

    /** Asks for something; the answer comes later. */
    CompletableFuture<InstanceState> begin(Request request) {
        CompletableFuture<InstanceState> answer = new CompletableFuture<>();
        mailbox.add(new Envelope(request, answer));
        return answer;
    }

    /** Reports something that nobody waits for. */
    public void tell(InstanceEvent event) {
        mailbox.add(new Envelope(event, null));
    }

    public Snapshot snapshot() {
        return snapshot;
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
        switch (snapshot.state()) {
            case InstanceState.Paused _, InstanceState.Pausing _ -> tell(new InstanceEvent.Connect(cause));
            case InstanceState.Stopped _,
                    InstanceState.Starting _,
                    InstanceState.Running _,
                    InstanceState.Resuming _,
                    InstanceState.Stopping _,
                    InstanceState.Aborting _,
                    InstanceState.Deleting _,
                    InstanceState.Deleted _ -> {}
        }
    }

    @Override
    public void log(String line) {
        services.journal().log(record.id()).system(line);
    }

    /** Host and port of the HTTP router, which reaches it if it exposes a port. */
    Optional<String> httpRouter() {
        return snapshot.record().spec().exposes().isEmpty()
                ? Optional.empty()
                : services.ports().httpRouter();
    }

    /** The ports through which it is reached, as clients see them. */
    List<Endpoint> endpoints() {
        return snapshot.record().spec().exposes().stream()
                .map(port -> new Endpoint(
                        port.guestPort(),
                        port.publicPort(),
                        port.protocol().wire(),
                        services.ports().isBound(port)))
                .toList();
    }

    /** What uses it. */
    public Uses uses() {
        return idle.uses();
    }

    /** Whether it may sleep. */
    IdleWatch idle() {
        return idle;
    }

    WakeClock wakes() {
        return wakes;
    }

    VmWork work() {
        return work;
    }

    private void live() {
        try {
            while (!(state instanceof InstanceState.Deleted)) {
                Envelope envelope = mailbox.take();
                Task.run(record.id() + " " + envelope.event(), () -> handled(envelope), bug -> recover(envelope, bug));
            }
            for (Envelope late = mailbox.poll(); late != null; late = mailbox.poll()) {
                handle(late);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * A bug left the event half handled: whoever waits is told, and the VM is ended, after which the instance can be started
     * again. If that cannot be handled either, the daemon ends, and the next one recovers the instance.
     */
    private void recover(Envelope envelope, Throwable bug) {
        if (recovering || state instanceof InstanceState.Deleting) {
            throw new IllegalStateException(record.id() + " cannot recover", bug);
        }
        recovering = true;
        ApiException failure = new ApiException(ErrorCode.INTERNAL, "internal error: " + bug, bug);
        if (envelope.answer() != null) {
            envelope.answer().completeExceptionally(failure);
        }
        waiting.forEach(asker -> asker.answer().completeExceptionally(failure));
        waiting.clear();
        LiveVm vm = envelope.event() instanceof InstanceEvent.Booted booted ? booted.vm() : state.vm();
        if (vm != null) {
            vm.kill();
            tell(new InstanceEvent.VmGone(vm, "internal error: " + bug));
        }
        work.abortBoot();
        tell(new InstanceEvent.BootFailed("internal error: " + bug));
    }

    private void handled(Envelope envelope) {
        handle(envelope);
        recovering = false;
    }

    private void handle(Envelope envelope) {
        InstanceEvent event = envelope.event();
        if (idle.refuses(event)) {
            return;
        }
        Decision decision = Transitions.decide(state, event);
        if (hasNoRoomFor(decision, envelope.answer())) {
            return;
        }
        InstanceRecord changed = changed(record, decision.effects(), event);
        // A boot has noted its VM in the registry already.
        boolean durable = changed.equals(record) || event instanceof InstanceEvent.Booted;
        if (!durable && !save(changed, envelope.answer())) {
            return;
        }
        InstanceState before = state;
        record = changed;
        if (isActivity(event, decision)) {
            record = changed.active(now());
            idle.uses().touch();
        }
        state = decision.next();
        snapshot = new Snapshot(record, state);
        tell(state.label(), event.cause());
        openOrClosePorts();
        idle.handled(event, before, state);
        wakes.handled(event, before, state, envelope.asked());
        for (Effect effect : decision.effects()) {
            act(effect, before);
        }
        if (state instanceof InstanceState.Deleted) {
            gone.accept(record.spec());
        }
        if (envelope.answer() != null) {
            answer(decision.answer(), envelope.answer());
        }
        answerWaiting();
        resumeForThoseWhoCame();
    }

    /** Clients that came while it was being paused, or sent something just before, did not find it paused: they have not woken it. */
    private void resumeForThoseWhoCame() {
        if (state instanceof InstanceState.Paused && connections.anyWaits()) {
            tell(new InstanceEvent.Connect("a client waits for it"));
        }
    }

    /** Clients reach what is enabled and not about to be deleted, in whatever state its VM is. */
    private void openOrClosePorts() {
        boolean open = record.enabled() && Instances.isThere(state);
        if (open == portsOpen) {
            return;
        }
        portsOpen = open;
        if (open) {
            services.ports().open(record.spec().exposes(), this);
        } else {
            services.ports().close(record.spec().exposes());
        }
    }

    /** Whether the host is too short of memory for the boot that would begin; whoever asked for it is told. */
    private boolean hasNoRoomFor(Decision decision, @Nullable CompletableFuture<InstanceState> answer) {
        if (!decision.effects().contains(new Effect.Boot())) {
            return false;
        }
        Optional<ApiException> refusal = work.shortage();
        refusal.ifPresent(reason -> {
            LOG.log(Level.WARNING, reason.getMessage());
            if (answer != null) {
                answer.completeExceptionally(reason);
            }
        });
        return refusal.isPresent();
    }

    /** Somebody began to use it. That is written down with the next change, not at the cost of each exec. */
    private static boolean isActivity(InstanceEvent event, Decision decision) {
        boolean use = event instanceof InstanceEvent.Start
                || event instanceof InstanceEvent.Use
                || event instanceof InstanceEvent.Connect
                || event instanceof InstanceEvent.Booted;
        return use && !(decision.answer() instanceof Answer.Refused);
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    private void tell(String label, String cause) {
        if (!label.equals(told)) {
            services.journal().changed(record, told, label, cause);
            told = label;
        }
    }

    /** The record after the effects that concern it. */
    private static InstanceRecord changed(InstanceRecord record, List<Effect> effects, InstanceEvent event) {
        Instant now = now();
        InstanceRecord changed = record;
        for (Effect effect : effects) {
            changed = switch (effect) {
                case Effect.SetEnabled set -> changed.withEnabled(set.enabled());
                case Effect.NoteExit exit -> changed.exited(exit.code());
                case Effect.NoteStop stop -> changed.stopped(now, stop.reason());
                case Effect.Boot _ -> changed.booting(now);
                case Effect.AbortBoot _,
                        Effect.Watch _,
                        Effect.Halt _,
                        Effect.Kill _,
                        Effect.Freeze _,
                        Effect.Thaw _,
                        Effect.Remove _,
                        Effect.Destroy _ -> changed;
            };
        }
        return event instanceof InstanceEvent.Booted booted
                ? changed.withVm(booted.vm().vm().process())
                : changed;
    }

    /** Makes a change durable. What somebody asked for is not done when that fails; what happened, happened. */
    private boolean save(InstanceRecord changed, @Nullable CompletableFuture<InstanceState> answer) {
        try {
            services.journal().store().update(changed);
            return true;
        } catch (StoreException obstacle) {
            LOG.log(Level.ERROR, obstacle.getMessage());
            if (answer == null) {
                return true;
            }
            answer.completeExceptionally(obstacle.refusal());
            return false;
        }
    }

    private void act(Effect effect, InstanceState before) {
        switch (effect) {
            case Effect.SetEnabled _, Effect.NoteExit _ -> {}
            case Effect.NoteStop stop -> work.stopped(before, stop.reason());
            case Effect.Boot _ -> work.boot();
            case Effect.AbortBoot _ -> work.abortBoot();
            case Effect.Watch watch -> work.watch(watch.vm());
            case Effect.Halt halt -> work.halt(halt.vm());
            case Effect.Kill kill -> work.kill(kill.vm());
            case Effect.Freeze freeze -> work.freeze(freeze.vm());
            case Effect.Thaw thaw -> work.thaw(thaw.vm());
            case Effect.Remove _ -> work.remove(Optional.empty());
            case Effect.Destroy destroy -> work.remove(Optional.of(destroy.vm()));
        }
    }

    private void answer(Answer answer, CompletableFuture<InstanceState> asker) {
        switch (answer) {
            case Answer.Accepted _ -> asker.complete(state);
            case Answer.When when -> waiting.add(new Waiting(when.goal(), asker));
            case Answer.Refused refused -> asker.completeExceptionally(Answers.refusal(refused.code(), record, state));
        }
    }

    private void answerWaiting() {
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting asker = each.next();
            switch (asker.goal().verdict(state)) {
                case PENDING -> {}
                case REACHED -> {
                    each.remove();
                    asker.answer().complete(state);
                }
                case MISSED -> {
                    each.remove();
                    asker.answer().completeExceptionally(Answers.missed(record, state));
                }
            }
        }
    }
}
