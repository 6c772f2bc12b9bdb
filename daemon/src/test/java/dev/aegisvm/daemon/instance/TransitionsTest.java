package dev.aegisvm.daemon.instance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of all states and events, written down a second time. */
class TransitionsTest {
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
                "connect       | starting | -        | .                | .                | pausing-resume  | resuming         | .                | .                | .                | -        | -",
                "delete        | deleting | deleting | aborting-delete  | deleting         | deleting        | deleting         | deleting         | deleting         | aborting-delete  | .        | -",
                "prune         | deleting | deleting | -                | -                | -               | -                | -                | -                | -                | -        | -",
                "idle pause    | .        | .        | .                | pausing          | .               | .                | .                | .                | .                | .        | .",
                "idle stop     | .        | .        | .                | stopping         | .               | stopping         | .                | .                | .                | .        | .",
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
                "pausing-stop     | connect       | .",
                "pausing-disable  | connect       | -",
                "stopping-disable | connect       | -",
                "aborting-disable | connect       | -",
                "aborting-delete  | connect       | -",
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
        InstanceState state = Samples.state(from);
        Decision decision = Transitions.decide(state, Samples.event(event));
        boolean refused = decision.answer() instanceof Decision.Answer.Refused;
        String got = refused ? "-" : Samples.name(decision.next());
        assertThat(got.equals(from) ? "." : got).as(from + " + " + event).isEqualTo(expected);
        if (refused) {
            assertThat(decision.next()).isEqualTo(state);
            assertThat(decision.effects()).isEmpty();
        }
    }

    @Test
    void aDisabledInstanceIsBootedByAStartAlone() {
        List<String> booting = Samples.events().entrySet().stream()
                .filter(event -> Transitions.decide(Samples.state("disabled"), event.getValue())
                        .effects()
                        .contains(new Effect.Boot()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toList());
        assertThat(booting).containsExactly("start");
    }

    @Test
    void whatAnotherVmReportsChangesNothing() {
        List<InstanceEvent> late = List.of(
                new InstanceEvent.MainExited(Samples.OTHER_VM, 1),
                new InstanceEvent.VmGone(Samples.OTHER_VM, "t"),
                new InstanceEvent.Frozen(Samples.OTHER_VM),
                new InstanceEvent.FreezeFailed(Samples.OTHER_VM, "t"),
                new InstanceEvent.Thawed(Samples.OTHER_VM),
                new InstanceEvent.ThawFailed(Samples.OTHER_VM, "t"));
        for (InstanceState state : Samples.STATES.values()) {
            for (InstanceEvent event : late) {
                Decision decision = Transitions.decide(state, event);
                assertThat(decision.next()).isEqualTo(state);
                assertThat(decision.effects()).isEmpty();
            }
        }
    }

    @Test
    void aVmThatNobodyWantsIsKilled() {
        assertThat(Transitions.decide(Samples.state("stopped"), new InstanceEvent.Booted(Samples.VM))
                        .effects())
                .containsExactly(new Effect.Kill(Samples.VM));
    }

    @Test
    void onlyANaturalEndHasAnExitCode() {
        assertThat(Transitions.decide(Samples.state("running"), Samples.event("main exited"))
                        .effects())
                .contains(new Effect.NoteExit(3));
        assertThat(Transitions.decide(Samples.state("stopping"), Samples.event("main exited"))
                        .effects())
                .isEmpty();
    }

    /** Whatever happens in whatever order: a waiting request is answered once the instance comes to rest. */
    @Test
    void nobodyWaitsForEver() {
        Random random = new Random(20);
        List<InstanceEvent> events = new ArrayList<>(Samples.events().values());
        InstanceState state = Samples.state("stopped");
        for (int step = 0; step < 50_000; step++) {
            state = Transitions.decide(state, events.get(random.nextInt(events.size())))
                    .next();
            if (state instanceof InstanceState.Stopped || state instanceof InstanceState.Deleted) {
                assertThat(Goal.RUNNING.verdict(state)).isEqualTo(Goal.Verdict.MISSED);
                assertThat(Goal.PAUSED.verdict(state)).isEqualTo(Goal.Verdict.MISSED);
                assertThat(Goal.STOPPED.verdict(state)).isEqualTo(Goal.Verdict.REACHED);
            }
            if (state instanceof InstanceState.Deleted) {
                state = Samples.state("stopped");
            }
        }
    }
}
