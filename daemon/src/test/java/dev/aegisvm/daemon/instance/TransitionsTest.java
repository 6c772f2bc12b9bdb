package dev.aegisvm.daemon.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.daemon.guest.GuestProcess;
import dev.aegisvm.daemon.guest.GuestSession;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmExit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of all states and events, written down a second time. */
class TransitionsTest {
    private static final LiveVm VM = new NoVm();
    private static final LiveVm OTHER = new NoVm();

    private static final Map<String, InstanceState> STATES = new LinkedHashMap<>();
    private static final Map<String, InstanceEvent> EVENTS = new LinkedHashMap<>();

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

        EVENTS.put("start", new InstanceEvent.Start("t"));
        EVENTS.put("stop", new InstanceEvent.Stop("t"));
        EVENTS.put("disable", new InstanceEvent.Disable("t"));
        EVENTS.put("pause", new InstanceEvent.Pause("t"));
        EVENTS.put("resume", new InstanceEvent.Resume("t"));
        EVENTS.put("use", new InstanceEvent.Use("t"));
        EVENTS.put("delete", new InstanceEvent.Delete("t"));
        EVENTS.put("booted", new InstanceEvent.Booted(VM));
        EVENTS.put("boot failed", new InstanceEvent.BootFailed("t"));
        EVENTS.put("main exited", new InstanceEvent.MainExited(VM, 3));
        EVENTS.put("vm gone", new InstanceEvent.VmGone(VM, "t"));
        EVENTS.put("frozen", new InstanceEvent.Frozen(VM));
        EVENTS.put("freeze failed", new InstanceEvent.FreezeFailed(VM, "t"));
        EVENTS.put("thawed", new InstanceEvent.Thawed(VM));
        EVENTS.put("thaw failed", new InstanceEvent.ThawFailed(VM, "t"));
        EVENTS.put("removed", new InstanceEvent.Removed());
    }

    /** A row: the event, then for each state what comes of it; "-" is a refusal, "." no change. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            useHeadersInDisplayName = true,
            value = {
                "event         | stopped  | disabled | starting         | running          | pausing         | paused           | resuming         | stopping         | aborting         | deleting | deleted",
                "start         | starting | starting | -                | -                | -               | -                | -                | -                | -                | -        | -",
                "stop          | .        | .        | aborting         | stopping         | pausing-stop    | stopping         | stopping         | .                | .                | -        | -",
                "disable       | disabled | .        | aborting-disable | stopping-disable | pausing-disable | stopping-disable | stopping-disable | stopping-disable | aborting-disable | -        | -",
                "pause         | -        | -        | -                | pausing          | .               | -                | -                | -                | -                | -        | -",
                "resume        | -        | -        | -                | -                | pausing-resume  | resuming         | .                | -                | -                | -        | -",
                "use           | -        | -        | .                | .                | pausing-resume  | resuming         | .                | -                | -                | -        | -",
                "delete        | deleting | deleting | aborting-delete  | deleting         | deleting        | deleting         | deleting         | deleting         | aborting-delete  | .        | -",
                "booted        | .        | .        | running          | .                | .               | .                | .                | .                | stopping         | .        | .",
                "boot failed   | .        | .        | stopped          | .                | .               | .                | .                | .                | stopped          | .        | .",
                "main exited   | .        | .        | .                | stopping         | pausing-stop    | stopping         | stopping         | .                | .                | .        | .",
                "vm gone       | .        | .        | .                | stopped          | stopped         | stopped          | stopped          | stopped          | .                | .        | .",
                "frozen        | .        | .        | .                | .                | paused          | .                | .                | .                | .                | .        | .",
                "freeze failed | .        | .        | .                | .                | running         | .                | .                | .                | .                | .        | .",
                "thawed        | .        | .        | .                | .                | .               | .                | running          | .                | .                | .        | .",
                "thaw failed   | .        | .        | .                | .                | .               | .                | stopping         | .                | .                | .        | .",
                "removed       | .        | .        | .                | .                | .               | .                | .                | .                | .                | deleted  | .",
            })
    @SuppressWarnings("checkstyle:ParameterNumber")
    void everyPairIsDecided(
            String event,
            String stopped,
            String disabled,
            String starting,
            String running,
            String pausing,
            String paused,
            String resuming,
            String stopping,
            String aborting,
            String deleting,
            String deleted) {
        check("stopped", event, stopped);
        check("disabled", event, disabled);
        check("starting", event, starting);
        check("running", event, running);
        check("pausing", event, pausing);
        check("paused", event, paused);
        check("resuming", event, resuming);
        check("stopping", event, stopping);
        check("aborting", event, aborting);
        check("deleting", event, deleting);
        check("deleted", event, deleted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pausing-resume   | frozen        | resuming",
                "pausing-resume   | pause         | pausing",
                "pausing-resume   | freeze failed | running",
                "pausing-stop     | frozen        | stopping",
                "pausing-stop     | use           | -",
                "pausing-stop     | pause         | -",
                "pausing-stop     | freeze failed | stopping",
                "pausing-stop     | disable       | pausing-disable",
                "pausing-disable  | frozen        | stopping-disable",
                "pausing-disable  | stop          | .",
                "pausing-disable  | main exited   | .",
                "pausing-disable  | vm gone       | disabled",
                "stopping-disable | vm gone       | disabled",
                "stopping-disable | delete        | deleting",
                "aborting-disable | booted        | stopping-disable",
                "aborting-disable | boot failed   | disabled",
                "aborting-delete  | booted        | deleting",
                "aborting-delete  | boot failed   | deleting",
                "aborting-delete  | stop          | -",
                "aborting-delete  | delete        | .",
            })
    void soAreTheirVariants(String state, String event, String expected) {
        check(state, event, expected);
    }

    private static void check(String from, String event, String expected) {
        InstanceState state = state(from);
        Decision decision = Transitions.decide(state, event(event));
        boolean refused = decision.answer() instanceof Decision.Answer.Refused;
        String got = refused ? "-" : name(decision.next());
        assertThat(got.equals(from) ? "." : got).as(from + " + " + event).isEqualTo(expected);
        if (refused) {
            assertThat(decision.next()).isEqualTo(state);
            assertThat(decision.effects()).isEmpty();
        }
    }

    private static InstanceState state(String name) {
        return Objects.requireNonNull(STATES.get(name), name);
    }

    private static InstanceEvent event(String name) {
        return Objects.requireNonNull(EVENTS.get(name), name);
    }

    private static String name(InstanceState state) {
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

    @Test
    void aDisabledInstanceIsBootedByAStartAlone() {
        List<String> booting = EVENTS.entrySet().stream()
                .filter(event -> Transitions.decide(state("disabled"), event.getValue())
                        .effects()
                        .contains(new Effect.Boot()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toList());
        assertThat(booting).containsExactly("start");
    }

    @Test
    void whatAnotherVmReportsChangesNothing() {
        List<InstanceEvent> late = List.of(
                new InstanceEvent.MainExited(OTHER, 1),
                new InstanceEvent.VmGone(OTHER, "t"),
                new InstanceEvent.Frozen(OTHER),
                new InstanceEvent.FreezeFailed(OTHER, "t"),
                new InstanceEvent.Thawed(OTHER),
                new InstanceEvent.ThawFailed(OTHER, "t"));
        for (InstanceState state : STATES.values()) {
            for (InstanceEvent event : late) {
                Decision decision = Transitions.decide(state, event);
                assertThat(decision.next()).isEqualTo(state);
                assertThat(decision.effects()).isEmpty();
            }
        }
    }

    @Test
    void aVmThatNobodyWantsIsKilled() {
        assertThat(Transitions.decide(state("stopped"), new InstanceEvent.Booted(VM))
                        .effects())
                .containsExactly(new Effect.Kill(VM));
    }

    @Test
    void onlyANaturalEndHasAnExitCode() {
        assertThat(Transitions.decide(state("running"), event("main exited")).effects())
                .contains(new Effect.NoteExit(3));
        assertThat(Transitions.decide(state("stopping"), event("main exited")).effects())
                .isEmpty();
    }

    /** Whatever happens in whatever order: a waiting request is answered once the instance comes to rest. */
    @Test
    void nobodyWaitsForEver() {
        Random random = new Random(20);
        List<InstanceEvent> events = new ArrayList<>(EVENTS.values());
        InstanceState state = state("stopped");
        for (int step = 0; step < 50_000; step++) {
            state = Transitions.decide(state, events.get(random.nextInt(events.size())))
                    .next();
            if (state instanceof InstanceState.Stopped || state instanceof InstanceState.Deleted) {
                assertThat(Goal.RUNNING.verdict(state)).isEqualTo(Goal.Verdict.MISSED);
                assertThat(Goal.PAUSED.verdict(state)).isEqualTo(Goal.Verdict.MISSED);
                assertThat(Goal.STOPPED.verdict(state)).isEqualTo(Goal.Verdict.REACHED);
            }
            if (state instanceof InstanceState.Deleted) {
                state = state("stopped");
            }
        }
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
        public ProcessPump output() {
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
