package dev.aegisvm.daemon.idle;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.idle.UsageWindow.Load;
import io.avaje.jsonb.Json;

/** Whether an instance that runs has to stay awake: rules, of which the first that applies gives the reason. */
public final class IdlePolicy {
    /**
     * What a guest may receive and send while it is idle. A network is never quite silent: a guest looks for routers
     * and neighbours now and then, with frames of some 80 bytes.
     */
    static final long QUIET_NET_BYTES = 1024;

    private IdlePolicy() {}

    /** Why it has to stay awake, as a part of a sentence; empty: it may sleep. */
    public static Optional<String> awakeBecause(Signals now) {
        Optional<Duration> limit = now.times().whileRunning();
        if (limit.isEmpty()) {
            return Optional.of(
                    now.times().wakeable()
                            ? "its idle timeouts are set to never"
                            : "it exposes no port, so a connection could not wake it");
        }
        if (now.uses().isPresent()) {
            return now.uses();
        }
        if (now.keepalive().isPresent()) {
            return Optional.of(
                    "a keepalive keeps it running until " + now.keepalive().get());
        }
        String idle = LooseDuration.text(limit.get());
        if (now.sinceUse().compareTo(limit.get()) < 0) {
            return Optional.of(
                    "it was used " + LooseDuration.text(now.sinceUse()) + " ago; its idle timeout is " + idle);
        }
        return now.load().isEmpty()
                ? Optional.of("its guest's activity is measured over " + idle)
                : busy(now.load().get(), now.cpuPercent());
    }

    private static Optional<String> busy(Load load, int cpuPercent) {
        String over = LooseDuration.text(load.over());
        if (load.cpuPercent() > cpuPercent) {
            return Optional.of(String.format(
                    Locale.ROOT, "its guest used %.1f %% of a vCPU in the last %s", load.cpuPercent(), over));
        }
        return load.netBytes() > QUIET_NET_BYTES
                ? Optional.of("its guest moved " + load.netBytes() + " bytes over the network in the last " + over)
                : Optional.empty();
    }

    /**
     * What is known of an instance that runs, at one moment.
     *
     * @param uses what uses it from outside, as a part of a sentence
     * @param keepalive until when a client holds it awake
     * @param load what its guest used in the time that it may be idle; empty when that is not known yet
     * @param cpuPercent the share of one vCPU that an idle guest may use
     */
    public record Signals(
            IdleTimes times,
            Optional<String> uses,
            Optional<Instant> keepalive,
            Duration sinceUse,
            Optional<Load> load,
            int cpuPercent) {
        public boolean inUse() {
            return uses.isPresent() || keepalive.isPresent();
        }
    }

    /**
     * What holds for the instances that do not ask for something else.
     *
     * @param cpuPercent a guest that uses more than this share of one vCPU is not idle; 0..100
     * @param canPause whether VMs can be paused; if not, an idle instance is stopped when it would have been after the
     *     pause
     */
    public record IdleSettings(IdleTimeout pause, IdleTimeout stop, int cpuPercent, boolean canPause) {
        /** The timeouts of one instance. Where no connection can wake it, it only sleeps when that was asked for. */
        public IdleTimes times(AskedTimeouts asked, boolean wakeable) {
            IdleTimeout toPause = asked.pause().orElse(wakeable ? pause : IdleTimeout.NEVER);
            IdleTimeout toStop = asked.stop().orElse(wakeable ? stop : IdleTimeout.NEVER);
            return canPause
                    ? new IdleTimes(toPause, toStop, wakeable)
                    : new IdleTimes(IdleTimeout.NEVER, oneAfterTheOther(toPause, toStop), wakeable);
        }

        private static IdleTimeout oneAfterTheOther(IdleTimeout first, IdleTimeout then) {
            return new IdleTimeout(
                    then.limit().map(limit -> limit.plus(first.limit().orElse(Duration.ZERO))));
        }
    }

    /** The timeouts that were asked for one instance; where one is empty, the daemon's applies. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record AskedTimeouts(Optional<IdleTimeout> pause, Optional<IdleTimeout> stop) {
        public static final AskedTimeouts NONE = new AskedTimeouts(Optional.empty(), Optional.empty());
    }

    /**
     * The timeouts that an instance has.
     *
     * @param pause how long it may be idle before it is paused
     * @param stop how long after that pause it is stopped; how long it may be idle before, where it is never paused
     * @param wakeable whether a connection can wake it
     */
    public record IdleTimes(IdleTimeout pause, IdleTimeout stop, boolean wakeable) {
        /** How long it may be idle while it runs; empty: for ever. */
        public Optional<Duration> whileRunning() {
            return pause.limit().or(stop::limit);
        }
    }
}
