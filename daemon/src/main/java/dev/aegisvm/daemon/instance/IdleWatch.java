package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.guest.Health;
import dev.aegisvm.daemon.idle.IdlePolicy;
import dev.aegisvm.daemon.idle.IdleTimers;
import dev.aegisvm.daemon.idle.IdleTimes;
import dev.aegisvm.daemon.idle.Keepalive;
import dev.aegisvm.daemon.idle.Load;
import dev.aegisvm.daemon.idle.Sample;
import dev.aegisvm.daemon.idle.Signals;
import dev.aegisvm.daemon.idle.UsageWindow;
import dev.aegisvm.daemon.idle.Uses;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether one instance is idle, and reports when it may sleep. While it runs, that takes a look at what its guest
 * uses now and then; once it is paused, nothing is left but the timer of the stop.
 */
final class IdleWatch {
    private static final System.Logger LOG = System.getLogger(IdleWatch.class.getName());
    private static final Duration SAMPLE_LIMIT = Duration.ofSeconds(10);
    /** How many looks there are in the time that an instance may be idle. */
    private static final int LOOKS = 4;

    private static final Duration SHORTEST_STEP = Duration.ofMillis(500);
    /** Whoever woke an instance has something to do with its guest first. */
    private static final Duration FIRST_STEP = Duration.ofSeconds(1);

    private final IdleTimers shared;
    private final IdleTimes times;
    private final Consumer<InstanceEvent> report;
    private final Uses uses = new Uses();
    private final Keepalive keepalive = new Keepalive(uses);
    private final UsageWindow window;
    private @Nullable ScheduledFuture<?> timer;
    /** Counts the states it came into, so that a look that takes its time is known to be late. */
    private int turn;

    private Optional<LiveVm> running = Optional.empty();
    private Optional<Load> load = Optional.empty();
    private boolean sleeps;
    private Instant since = now();
    private String cause = "";
    private Optional<Instant> stopsAt = Optional.empty();

    /** @param report is told that it may sleep, or shall wake up */
    IdleWatch(IdleTimers shared, InstanceSpec spec, Consumer<InstanceEvent> report) {
        this.shared = shared;
        this.times = shared.settings().times(spec.idle(), !spec.exposes().isEmpty());
        this.report = report;
        this.window = new UsageWindow(times.whileRunning().orElse(Duration.ZERO));
    }

    Uses uses() {
        return uses;
    }

    Keepalive keepalive() {
        return keepalive;
    }

    /** Takes note of an event that the instance has handled. */
    synchronized void handled(InstanceEvent event, InstanceState before, InstanceState state) {
        if (event instanceof InstanceEvent.Pause && state instanceof InstanceState.Pausing) {
            sleeps = false;
            cause = event.cause();
        }
        if (before.equals(state)) {
            return;
        }
        turn++;
        cancelTimer();
        since = now();
        // A pause has its cause from whoever began it.
        cause = event instanceof InstanceEvent.Frozen ? cause : event.cause();
        running = Optional.empty();
        load = Optional.empty();
        if (event instanceof InstanceEvent.IdlePause) {
            sleeps = true;
        } else if (state instanceof InstanceState.Running(LiveVm vm)) {
            begin(vm);
        } else if (state instanceof InstanceState.Paused(LiveVm vm) && sleeps) {
            asleep(vm);
        }
    }

    private void begin(LiveVm vm) {
        sleeps = false;
        running = Optional.of(vm);
        uses.touch();
        window.clear();
        times.whileRunning().ifPresent(limit -> lookAfter(shorter(step(limit), FIRST_STEP)));
    }

    /** What came up while it was being paused is seen now. */
    private void asleep(LiveVm vm) {
        if (isUsed()) {
            report.accept(new InstanceEvent.Resume("used while it was paused"));
            return;
        }
        stopsAt = times.stop().limit().map(limit -> {
            String why = "idle: paused for " + LooseDuration.text(limit);
            schedule(limit, () -> report.accept(new InstanceEvent.IdleStop(vm, why)));
            return since.plus(limit);
        });
    }

    private boolean isUsed() {
        return uses.text().isPresent() || keepalive.until().isPresent();
    }

    /** Whether an event is the report of a timer and comes too late: something has come up since, or it has woken. */
    synchronized boolean refuses(InstanceEvent event) {
        if (!(event instanceof InstanceEvent.Timer)) {
            return false;
        }
        if (running.isPresent()) {
            boolean awake = IdlePolicy.awakeBecause(signals()).isPresent();
            if (awake) {
                lookAgain();
            }
            return awake;
        }
        if (stopsAt.isPresent() && isUsed()) {
            report.accept(new InstanceEvent.Resume("used while it was paused"));
        }
        return stopsAt.isEmpty() || isUsed();
    }

    private void look(int ofTurn) {
        Optional<LiveVm> watched = watched(ofTurn);
        if (watched.isPresent()) {
            looked(ofTurn, watched.get(), sample(watched.get()));
        }
    }

    private synchronized Optional<LiveVm> watched(int ofTurn) {
        return turn == ofTurn ? running : Optional.empty();
    }

    private synchronized void looked(int ofTurn, LiveVm vm, Optional<Sample> sample) {
        if (watched(ofTurn).isEmpty()) {
            return;
        }
        sample.ifPresentOrElse(window::add, window::clear);
        load = window.load();
        if (IdlePolicy.awakeBecause(signals()).isPresent()) {
            lookAgain();
        } else {
            report.accept(sleep(vm));
        }
    }

    private InstanceEvent sleep(LiveVm vm) {
        String why = "idle for " + times.whileRunning().map(LooseDuration::text).orElse("");
        return times.pause().isNever() ? new InstanceEvent.IdleStop(vm, why) : new InstanceEvent.IdlePause(vm, why);
    }

    /** Asks the guest, which may be slow or not answer at all: never while anything is locked. */
    private static Optional<Sample> sample(LiveVm vm) {
        try {
            Health health = vm.guest().health(SAMPLE_LIMIT);
            return Optional.of(new Sample(System.nanoTime(), health.cpu(), health.netBytes()));
        } catch (GuestException silent) {
            LOG.log(Level.DEBUG, "the guest did not say what it uses: " + silent.getMessage());
            return Optional.empty();
        }
    }

    /** Looks again when it may be idle for long enough, if nothing happens; but soon enough to see what happens. */
    private void lookAgain() {
        times.whileRunning().ifPresent(limit -> {
            long now = System.nanoTime();
            long unused = limit.minus(sinceUse()).toNanos();
            long unknown = window.coversAt().map(at -> at - now).orElse(0L);
            Duration due = Duration.ofNanos(Math.max(unused, unknown));
            lookAfter(due.isPositive() && !isUsed() ? shorter(due, step(limit)) : step(limit));
        });
    }

    private void lookAfter(Duration delay) {
        int ofTurn = turn;
        schedule(delay, () -> look(ofTurn));
    }

    private void schedule(Duration delay, Runnable work) {
        cancelTimer();
        timer = shared.timers()
                .schedule(() -> Thread.ofVirtual().name("idle").start(work), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void cancelTimer() {
        stopsAt = Optional.empty();
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private static Duration step(Duration limit) {
        Duration step = limit.dividedBy(LOOKS);
        return step.compareTo(SHORTEST_STEP) < 0 ? SHORTEST_STEP : step;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Duration sinceUse() {
        return shorter(uses.sinceLast(), keepalive.sinceEnd().orElse(ChronoUnit.FOREVER.getDuration()));
    }

    private Signals signals() {
        return new Signals(
                times,
                uses.text(),
                keepalive.until(),
                sinceUse(),
                load,
                shared.settings().cpuPercent());
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS);
    }

    synchronized IdleView view(InstanceActor.Snapshot now) {
        return new IdleView(
                activity(now),
                times.pause().text(),
                times.stop().text(),
                keepalive.until().orElse(null));
    }

    private String activity(InstanceActor.Snapshot now) {
        return switch (now.state()) {
            case InstanceState.Running _ ->
                "awake: " + IdlePolicy.awakeBecause(signals()).orElse("it is about to fall asleep");
            case InstanceState.Paused _ ->
                "asleep since " + since + ": " + cause
                        + stopsAt.map(at -> "; it is stopped at " + at).orElse("");
            case InstanceState.Stopped _ ->
                "asleep since " + now.record().stoppedAt().orElse(since) + ": "
                        + now.record().stopReason().orElse(cause);
            case InstanceState.Starting _,
                    InstanceState.Pausing _,
                    InstanceState.Resuming _,
                    InstanceState.Stopping _,
                    InstanceState.Aborting _,
                    InstanceState.Deleting _,
                    InstanceState.Deleted _ -> now.state().word() + " since " + since + ": " + cause;
        };
    }
}
