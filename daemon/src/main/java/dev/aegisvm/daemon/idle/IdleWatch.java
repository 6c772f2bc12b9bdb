package dev.aegisvm.daemon.idle;

import module java.base;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.daemon.idle.IdlePolicy.*;
import dev.aegisvm.daemon.idle.UsageWindow.Sample;

/**
 * Takes samples of what the guest of one instance uses, and sets the timers of its sleep. It decides nothing: when a
 * timer has run out, it says so with a reason, and is told what to do next.
 */
public final class IdleWatch {
    /** How many looks there are in the time that an instance may be idle. */
    private static final int LOOKS = 4;

    private static final Duration MIN_STEP = Duration.ofMillis(500);
    /** The client that woke an instance has something to do with its guest first. */
    private static final Duration FIRST_STEP = Duration.ofSeconds(1);

    private final IdleTimers shared;
    private volatile IdleTimes times;
    private final Uses uses = new Uses();
    private UsageWindow window;
    private Optional<Watched> watched = Optional.empty();
    private Future<?> timer = CompletableFuture.completedFuture(null);

    /** A guest that runs, from {@link #begin} to {@link #end}: a look that took longer than that is dropped. */
    private record Watched(Supplier<Optional<Sample>> guest, Consumer<String> due) {}

    public IdleWatch(IdleTimers shared, AskedTimeouts asked, boolean wakeable) {
        this.shared = shared;
        change(asked, wakeable);
    }

    /** Other timeouts apply from the next {@link #begin} on. */
    public synchronized void change(AskedTimeouts asked, boolean wakeable) {
        times = shared.settings().times(asked, wakeable);
        window = new UsageWindow(times.whileRunning().orElse(Duration.ZERO));
    }

    public Uses uses() {
        return uses;
    }

    public IdleTimes times() {
        return times;
    }

    /**
     * The guest runs: it is looked at from now on.
     *
     * @param guest says what it has used since its boot; blocks, and is empty when it does not answer in time
     * @param due is told after the first look, and once after each {@link #lookAgain}
     */
    public synchronized void begin(Supplier<Optional<Sample>> guest, Consumer<String> due) {
        end();
        watched = Optional.of(new Watched(guest, due));
        uses.touch();
        times.whileRunning().ifPresent(limit -> lookAfter(Math.min(step(limit), FIRST_STEP.toNanos())));
    }

    /** The instance sleeps: after its time, {@code due} is told that it is to be stopped. */
    public synchronized void asleep(Consumer<String> due) {
        times.stop()
                .limit()
                .ifPresent(limit -> schedule(limit, () -> due.accept("idle: paused for " + LooseDuration.text(limit))));
    }

    public synchronized void end() {
        watched = Optional.empty();
        window.clear();
        timer.cancel(false);
    }

    private void look(Watched subject) {
        Optional<Sample> sample = subject.guest().get();
        synchronized (this) {
            if (!watched.equals(Optional.of(subject))) {
                return;
            }
            sample.ifPresentOrElse(window::add, window::clear);
        }
        subject.due()
                .accept("idle for "
                        + times.whileRunning().map(LooseDuration::text).orElse(""));
    }

    /** Looks again when it may be idle for long enough, if nothing happens; but soon enough to see what happens. */
    public synchronized void lookAgain() {
        times.whileRunning().ifPresent(limit -> {
            long now = System.nanoTime();
            long unused = limit.minus(uses.sinceLast()).toNanos();
            long unknown = window.coversAt().map(at -> at - now).orElse(0L);
            long due = Math.max(unused, unknown);
            lookAfter(due > 0 && !signals().inUse() ? Math.min(due, step(limit)) : step(limit));
        });
    }

    private void lookAfter(long nanos) {
        watched.ifPresent(subject -> schedule(Duration.ofNanos(nanos), () -> look(subject)));
    }

    private void schedule(Duration delay, Runnable work) {
        timer.cancel(false);
        timer = shared.after(delay, () -> Thread.ofVirtual().name("idle").start(work));
    }

    /** In nanoseconds. */
    private static long step(Duration limit) {
        return Math.max(limit.toNanos() / LOOKS, MIN_STEP.toNanos());
    }

    public synchronized Signals signals() {
        return new Signals(
                times,
                uses.text(),
                uses.keptAwakeUntil(),
                uses.sinceLast(),
                window.load(),
                shared.settings().cpuPercent());
    }

    /** What the timers of all instances share; after its shutdown the executor ignores new tasks. */
    public record IdleTimers(IdleSettings settings, ScheduledExecutorService timers) {
        /** Does something after a time, at once if that is negative; it must not block. */
        public Future<?> after(Duration delay, Runnable work) {
            return timers.schedule(work, TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
        }
    }
}
