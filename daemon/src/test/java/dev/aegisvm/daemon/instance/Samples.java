package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.guest.GuestProcess;
import dev.aegisvm.daemon.guest.GuestSession;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmExit;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** One of each state, with all variants, and one of each event, by the names that tables use. */
final class Samples {
    static final LiveVm VM = new NoVm();
    static final LiveVm OTHER_VM = new NoVm();

    static final Map<String, InstanceState> STATES = new LinkedHashMap<>();
    static final Map<String, InstanceEvent.Request> REQUESTS = new LinkedHashMap<>();
    static final Map<String, InstanceEvent.Timer> TIMERS = new LinkedHashMap<>();
    static final Map<String, InstanceEvent.Report> REPORTS = new LinkedHashMap<>();

    static {
        STATES.put("stopped", new InstanceState.Stopped(true));
        STATES.put("disabled", new InstanceState.Stopped(false));
        STATES.put("starting", new InstanceState.Starting());
        STATES.put("running", new InstanceState.Running(VM));
        STATES.put("pausing", new InstanceState.Pausing(VM, InstanceState.Next.STAY));
        STATES.put("pausing-resume", new InstanceState.Pausing(VM, InstanceState.Next.RESUME));
        STATES.put("pausing-stop", new InstanceState.Pausing(VM, InstanceState.Next.STOP));
        STATES.put("pausing-disable", new InstanceState.Pausing(VM, InstanceState.Next.DISABLE));
        STATES.put("paused", new InstanceState.Paused(VM));
        STATES.put("resuming", new InstanceState.Resuming(VM));
        STATES.put("stopping", new InstanceState.Stopping(VM, true, "why"));
        STATES.put("stopping-disable", new InstanceState.Stopping(VM, false, "why"));
        STATES.put("aborting", new InstanceState.Aborting(InstanceState.After.STOP));
        STATES.put("aborting-disable", new InstanceState.Aborting(InstanceState.After.DISABLE));
        STATES.put("aborting-delete", new InstanceState.Aborting(InstanceState.After.DELETE));
        STATES.put("deleting", new InstanceState.Deleting());
        STATES.put("deleted", new InstanceState.Deleted());

        REQUESTS.put("start", new InstanceEvent.Start("t"));
        REQUESTS.put("stop", new InstanceEvent.Stop("t"));
        REQUESTS.put("disable", new InstanceEvent.Disable("t"));
        REQUESTS.put("pause", new InstanceEvent.Pause("t"));
        REQUESTS.put("resume", new InstanceEvent.Resume("t"));
        REQUESTS.put("use", new InstanceEvent.Use("t"));
        REQUESTS.put("connect", new InstanceEvent.Connect("t"));
        REQUESTS.put("delete", new InstanceEvent.Delete("t"));
        REQUESTS.put("prune", new InstanceEvent.Prune("t"));

        TIMERS.put("idle pause", new InstanceEvent.IdlePause(VM, "t"));
        TIMERS.put("idle stop", new InstanceEvent.IdleStop(VM, "t"));

        REPORTS.put("booted", new InstanceEvent.Booted(VM));
        REPORTS.put("boot failed", new InstanceEvent.BootFailed("t"));
        REPORTS.put("main exited", new InstanceEvent.MainExited(VM, 3));
        REPORTS.put("vm gone", new InstanceEvent.VmGone(VM, "t"));
        REPORTS.put("frozen", new InstanceEvent.Frozen(VM));
        REPORTS.put("freeze failed", new InstanceEvent.FreezeFailed(VM, "t"));
        REPORTS.put("thawed", new InstanceEvent.Thawed(VM));
        REPORTS.put("thaw failed", new InstanceEvent.ThawFailed(VM, "t"));
        REPORTS.put("removed", new InstanceEvent.Removed());
    }

    private Samples() {}

    static Map<String, InstanceEvent> events() {
        Map<String, InstanceEvent> all = new LinkedHashMap<>(REQUESTS);
        all.putAll(TIMERS);
        all.putAll(REPORTS);
        return all;
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
                    case STAY -> "pausing";
                    case RESUME -> "pausing-resume";
                    case STOP -> "pausing-stop";
                    case DISABLE -> "pausing-disable";
                };
            case InstanceState.Paused _ -> "paused";
            case InstanceState.Resuming _ -> "resuming";
            case InstanceState.Stopping stopping -> stopping.enabled() ? "stopping" : "stopping-disable";
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
    private static final class NoVm implements LiveVm {
        @Override
        public Vm vm() {
            throw new UnsupportedOperationException();
        }

        @Override
        public GuestSession guest() {
            throw new UnsupportedOperationException();
        }

        @Override
        public GuestProcess main() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, String> secrets() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean awaitOutput(Duration limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean ending() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void halt() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void kill() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void saveWorkspace() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void freeze() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void thaw() {
            throw new UnsupportedOperationException();
        }

        @Override
        public VmExit awaitGone() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String reason(VmExit exit) {
            throw new UnsupportedOperationException();
        }
    }
}
