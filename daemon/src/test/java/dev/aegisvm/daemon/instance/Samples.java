package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.IdleTimeout;
import dev.aegisvm.daemon.idle.IdlePolicy.IdleTimes;
import dev.aegisvm.daemon.idle.IdlePolicy.Signals;
import dev.aegisvm.daemon.idle.UsageWindow.Load;
import dev.aegisvm.daemon.instance.Decision.Circumstances;
import dev.aegisvm.vmm.VmmException;

/** One of each state, with all variants, and one of each event, by the names that tables use. */
final class Samples {
    static final LiveVm VM = noVm();
    static final LiveVm OTHER_VM = noVm();

    static final Map<String, InstanceState> STATES = new LinkedHashMap<>();
    static final Map<String, InstanceEvent.Request> REQUESTS = new LinkedHashMap<>();
    static final InstanceEvent IDLE_TIMER = new InstanceEvent.IdleTimer(VM, "t");
    static final Map<String, InstanceEvent.Report> REPORTS = new LinkedHashMap<>();

    /** By the names that the document has for them; the first is the one that changes nothing. */
    static final Map<String, Circumstances> CIRCUMSTANCES = new LinkedHashMap<>();

    private static final Life STAYS = Life.Stays.FOREVER;
    private static final Life OF_CLIENT = new Life.OfClient(Optional.empty(), Optional.empty());

    /** It may sleep, by a pause and then a stop. */
    static final Circumstances QUIET = circumstances("60s", Optional.empty(), 0);

    static {
        CIRCUMSTANCES.put("it may sleep", QUIET);
        CIRCUMSTANCES.put("it may sleep, and is never paused", circumstances("never", Optional.empty(), 0));
        CIRCUMSTANCES.put("its guest works", circumstances("60s", Optional.empty(), 99));
        CIRCUMSTANCES.put("it is in use", circumstances("60s", Optional.of("an exec runs"), 0));
        CIRCUMSTANCES.put(
                "a client waits for its guest",
                new Circumstances(STAYS, QUIET.idle(), true, false, Optional.empty(), Optional.empty()));
        CIRCUMSTANCES.put(
                "an ephemeral one waits for its client",
                new Circumstances(STAYS, QUIET.idle(), false, true, Optional.empty(), Optional.empty()));
        CIRCUMSTANCES.put("until its main process ends", living(new Life.UntilMainEnds(Optional.empty())));
        CIRCUMSTANCES.put("as long as its client", living(OF_CLIENT));
        CIRCUMSTANCES.put(
                "the host is short of memory",
                new Circumstances(
                        STAYS,
                        QUIET.idle(),
                        false,
                        false,
                        Optional.of(new VmWork.Shortage(1152, 1)),
                        Optional.empty()));
        CIRCUMSTANCES.put(
                "its backend cannot pause",
                new Circumstances(
                        STAYS,
                        QUIET.idle(),
                        false,
                        false,
                        Optional.empty(),
                        Optional.of(new VmmException("cannot", ""))));

        STATES.put("stopped", new InstanceState.Stopped(true));
        STATES.put("disabled", new InstanceState.Stopped(false));
        STATES.put("starting", new InstanceState.Starting());
        STATES.put("running", new InstanceState.Running(VM));
        STATES.put("pausing-idle", new InstanceState.Pausing(VM, InstanceState.Next.SLEEP));
        STATES.put("pausing", new InstanceState.Pausing(VM, InstanceState.Next.STAY));
        STATES.put("pausing-resume", new InstanceState.Pausing(VM, InstanceState.Next.RESUME));
        STATES.put("pausing-stop", new InstanceState.Pausing(VM, InstanceState.Next.STOP));
        STATES.put("pausing-disable", new InstanceState.Pausing(VM, InstanceState.Next.DISABLE));
        STATES.put("pausing-delete", new InstanceState.Pausing(VM, InstanceState.Next.DELETE));
        STATES.put("paused-idle", new InstanceState.Paused(VM, true));
        STATES.put("paused", new InstanceState.Paused(VM, false));
        STATES.put("resuming", new InstanceState.Resuming(VM));
        STATES.put("stopping", new InstanceState.Stopping(VM, InstanceState.After.STOP, "why"));
        STATES.put("stopping-disable", new InstanceState.Stopping(VM, InstanceState.After.DISABLE, "why"));
        STATES.put("stopping-delete", new InstanceState.Stopping(VM, InstanceState.After.DELETE, "why"));
        STATES.put("aborting", new InstanceState.Aborting(InstanceState.After.STOP));
        STATES.put("aborting-disable", new InstanceState.Aborting(InstanceState.After.DISABLE));
        STATES.put("aborting-delete", new InstanceState.Aborting(InstanceState.After.DELETE));
        STATES.put("deleting", new InstanceState.Deleting());
        STATES.put("deleted", new InstanceState.Deleted());

        REQUESTS.put("start", new InstanceEvent.Start("t"));
        REQUESTS.put("create", new InstanceEvent.StartByHandle(UnaryOperator.identity(), "t"));
        REQUESTS.put("stop", new InstanceEvent.Stop("t", true));
        REQUESTS.put("daemon stop", new InstanceEvent.Stop("t", false));
        REQUESTS.put("disable", new InstanceEvent.Disable("t"));
        REQUESTS.put("pause", new InstanceEvent.Pause("t"));
        REQUESTS.put("resume", new InstanceEvent.Resume("t"));
        REQUESTS.put("use", new InstanceEvent.Use("t"));
        REQUESTS.put("connect", new InstanceEvent.Connect("t"));
        REQUESTS.put("wake", new InstanceEvent.Wake("t"));
        REQUESTS.put("delete", new InstanceEvent.Delete("t"));
        REQUESTS.put("prune", new InstanceEvent.Prune("t"));

        REPORTS.put("booted", new InstanceEvent.Booted(VM));
        REPORTS.put("boot failed", new InstanceEvent.BootFailed(ErrorCode.BOOT_FAILED, "t"));
        REPORTS.put("main exited", new InstanceEvent.MainExited(VM, 3));
        REPORTS.put("vm gone", new InstanceEvent.VmGone(VM, "t"));
        REPORTS.put("frozen", new InstanceEvent.Frozen(VM));
        REPORTS.put("freeze failed", new InstanceEvent.FreezeFailed(VM, "t"));
        REPORTS.put("thawed", new InstanceEvent.Thawed(VM));
        REPORTS.put("thaw failed", new InstanceEvent.ThawFailed(VM, "t"));
        REPORTS.put("removed", new InstanceEvent.Removed());
    }

    private Samples() {}

    private static Circumstances living(Life life) {
        return new Circumstances(life, QUIET.idle(), false, false, Optional.empty(), Optional.empty());
    }

    static Map<String, InstanceEvent> events() {
        Map<String, InstanceEvent> all = new LinkedHashMap<>(REQUESTS);
        all.put("idle timer", IDLE_TIMER);
        all.putAll(REPORTS);
        return all;
    }

    private static Circumstances circumstances(String pause, Optional<String> uses, int cpuPercent) {
        IdleTimes times =
                new IdleTimes(IdleTimeout.parse("idle_pause", pause), IdleTimeout.parse("idle_stop", "60s"), true);
        Load load = new Load(Duration.ofSeconds(100), Duration.ofSeconds(cpuPercent), 0);
        return new Circumstances(
                STAYS,
                new Signals(times, uses, Optional.empty(), Duration.ofHours(1), Optional.of(load), 2),
                false,
                false,
                Optional.empty(),
                Optional.empty());
    }

    static InstanceState state(String name) {
        return Objects.requireNonNull(STATES.get(name), name);
    }

    static InstanceEvent event(String name) {
        return Objects.requireNonNull(events().get(name), name);
    }

    /** The name of a state, its variant included. */
    static String name(InstanceState state) {
        return switch (state) {
            case InstanceState.Stopped stopped -> stopped.enabled() ? "stopped" : "disabled";
            case InstanceState.Starting _ -> "starting";
            case InstanceState.Running _ -> "running";
            case InstanceState.Pausing pausing ->
                switch (pausing.next()) {
                    case SLEEP -> "pausing-idle";
                    case STAY -> "pausing";
                    case RESUME -> "pausing-resume";
                    case STOP -> "pausing-stop";
                    case DISABLE -> "pausing-disable";
                    case DELETE -> "pausing-delete";
                };
            case InstanceState.Paused paused -> paused.idle() ? "paused-idle" : "paused";
            case InstanceState.Resuming _ -> "resuming";
            case InstanceState.Stopping stopping ->
                switch (stopping.after()) {
                    case STOP -> "stopping";
                    case DISABLE -> "stopping-disable";
                    case DELETE -> "stopping-delete";
                };
            case InstanceState.Aborting aborting ->
                switch (aborting.after()) {
                    case STOP -> "aborting";
                    case DISABLE -> "aborting-disable";
                    case DELETE -> "aborting-delete";
                };
            case InstanceState.Deleting _ -> "deleting";
            case InstanceState.Deleted _ -> "deleted";
        };
    }

    /** Equal to itself alone, and never used. */
    @SuppressWarnings("NullAway") // Nothing of it is asked for.
    private static LiveVm noVm() {
        return new LiveVm(null, null, null);
    }
}
