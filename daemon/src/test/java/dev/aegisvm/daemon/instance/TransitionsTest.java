package dev.aegisvm.daemon.instance;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.instance.Decision.Circumstances;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of all states and events, written down a second time. */
class TransitionsTest {
    /** A row: the event, then for each state what comes of it; "-" is a refusal, "." no change. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            useHeadersInDisplayName = true,
            value = {
                "event         | stopped  | disabled | starting         | running          | pausing         | paused           | resuming         | stopping         | aborting         | deleting | deleted",
                "create        | starting | starting | -                | -                | -               | -                | -                | -                | -                | -        | -",
                "start         | starting | starting | -                | -                | -               | -                | -                | -                | -                | -        | -",
                "stop          | .        | .        | aborting         | stopping         | pausing-stop    | stopping         | stopping         | .                | .                | -        | -",
                "daemon stop   | .        | .        | aborting         | stopping         | pausing-stop    | stopping         | stopping         | .                | .                | -        | -",
                "disable       | disabled | .        | aborting-disable | stopping-disable | pausing-disable | stopping-disable | stopping-disable | stopping-disable | aborting-disable | -        | -",
                "pause         | -        | -        | -                | pausing          | .               | .                | -                | -                | -                | -        | -",
                "resume        | -        | -        | -                | .                | pausing-resume  | resuming         | .                | -                | -                | -        | -",
                "use           | -        | -        | .                | .                | pausing-resume  | resuming         | .                | -                | -                | -        | -",
                "connect       | starting | -        | .                | .                | pausing-resume  | resuming         | .                | .                | .                | -        | -",
                "wake          | .        | .        | .                | .                | pausing-resume  | resuming         | .                | .                | .                | .        | .",
                "delete        | deleting | deleting | aborting-delete  | deleting         | deleting        | deleting         | deleting         | deleting         | aborting-delete  | .        | -",
                "prune         | deleting | deleting | -                | -                | -               | -                | -                | -                | -                | -        | -",
                "idle timer    | .        | .        | .                | pausing-idle     | .               | .                | .                | .                | .                | .        | .",
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
                "pausing-idle     | frozen        | paused-idle",
                "pausing-idle     | freeze failed | running",
                "pausing-idle     | pause         | pausing",
                "pausing-idle     | use           | pausing-resume",
                "pausing-idle     | connect       | pausing-resume",
                "pausing-idle     | wake          | pausing-resume",
                "pausing-idle     | main exited   | pausing-stop",
                "paused-idle      | idle timer    | stopping",
                "paused-idle      | pause         | paused",
                "paused-idle      | connect       | resuming",
                "paused-idle      | vm gone       | stopped",
                "pausing-stop     | wake          | .",
                "pausing-disable  | wake          | .",
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
                "pausing-delete   | frozen        | stopping-delete",
                "pausing-delete   | freeze failed | stopping-delete",
                "pausing-delete   | main exited   | .",
                "pausing-delete   | vm gone       | deleting",
                "pausing-delete   | connect       | -",
                "stopping-delete  | vm gone       | deleting",
                "stopping-delete  | main exited   | .",
                "stopping-delete  | disable       | -",
                "stopping-delete  | delete        | deleting",
                "aborting-delete  | boot failed   | deleting",
                "aborting-delete  | stop          | -",
                "aborting-delete  | delete        | .",
            })
    void soAreTheirVariants(String state, String event, String expected) {
        check(state, event, expected);
    }

    private static void check(String from, String event, String expected) {
        InstanceState state = Samples.state(from);
        Decision decision = Transitions.decide(state, Samples.event(event), Samples.QUIET);
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
                .filter(event -> Transitions.decide(Samples.state("disabled"), event.getValue(), Samples.QUIET)
                        .effects()
                        .contains(new Effect.Boot()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toList());
        assertThat(booting).containsExactly("start", "create");
    }

    @Test
    void whatAnotherVmReportsChangesNothing() {
        List<InstanceEvent> late = List.of(
                new InstanceEvent.MainExited(Samples.OTHER_VM, 1),
                new InstanceEvent.VmGone(Samples.OTHER_VM, "t"),
                new InstanceEvent.Frozen(Samples.OTHER_VM),
                new InstanceEvent.FreezeFailed(Samples.OTHER_VM, "t"),
                new InstanceEvent.Thawed(Samples.OTHER_VM),
                new InstanceEvent.ThawFailed(Samples.OTHER_VM, "t"),
                new InstanceEvent.IdleTimer(Samples.OTHER_VM, "t"));
        for (InstanceState state : Samples.STATES.values()) {
            for (InstanceEvent event : late) {
                Decision decision = Transitions.decide(state, event, Samples.QUIET);
                assertThat(decision.next()).isEqualTo(state);
                assertThat(decision.effects()).isEmpty();
            }
        }
    }

    @Test
    void aVmThatNobodyWantsIsKilled() {
        assertThat(Transitions.decide(Samples.state("stopped"), new InstanceEvent.Booted(Samples.VM), Samples.QUIET)
                        .effects())
                .containsExactly(new Effect.Kill(Samples.VM));
    }

    @Test
    void onlyANaturalEndHasAnExitCode() {
        assertThat(Transitions.decide(Samples.state("running"), Samples.event("main exited"), Samples.QUIET)
                        .effects())
                .contains(new Effect.NoteExit(3));
        assertThat(Transitions.decide(Samples.state("stopping"), Samples.event("main exited"), Samples.QUIET)
                        .effects())
                .isEmpty();
    }

    /** A row: state, event, circumstances, what comes of it, and the event that follows of itself. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "running      | idle timer | its guest works                   | .            |",
                "running      | idle timer | it is in use                      | .            |",
                "running      | idle timer | it may sleep, and is never paused | stopping     |",
                "paused-idle  | idle timer | it is in use                      | .            | Resume",
                "paused-idle  | idle timer | its guest works                   | stopping     |",
                "paused       | idle timer | it is in use                      | .            |",
                "pausing-idle | frozen     | it is in use                      | paused-idle  | Resume",
                "pausing-idle | frozen     | its guest works                   | paused-idle  |",
                "pausing      | frozen     | it is in use                      | paused       |",
                "pausing      | frozen     | a client waits for its guest      | paused       | Connect",
                "pausing-stop | frozen     | a client waits for its guest      | stopping     |",
                "stopped      | start      | the host is short of memory       | -            |",
                "disabled     | create     | the host is short of memory       | -            |",
                "stopped      | connect    | the host is short of memory       | -            |",
                "stopped      | delete     | the host is short of memory       | deleting     |",
                "running      | main exited | until its main process ends | stopping-delete |",
                "running      | stop        | until its main process ends | stopping-delete |",
                "paused       | disable     | until its main process ends | stopping-delete |",
                "pausing      | stop        | until its main process ends | pausing-delete  |",
                "starting     | stop        | until its main process ends | aborting-delete |",
                "stopped      | stop        | until its main process ends | deleting        |",
                "stopping     | stop        | until its main process ends | stopping-delete |",
                "running      | daemon stop | until its main process ends | stopping        |",
                "stopping     | main exited | until its main process ends | .               |",
                "paused-idle  | idle timer  | until its main process ends | stopping        |",
                "running      | main exited | as long as its client               | deleting        |",
                "running      | stop        | as long as its client               | stopping-delete |",
                "running      | daemon stop | as long as its client               | deleting        |",
                "stopping     | main exited | as long as its client               | .               |",
            })
    void circumstancesCount(String from, String event, String circumstances, String expected, @Nullable String then) {
        Decision decision = Transitions.decide(
                Samples.state(from),
                Samples.event(event),
                Objects.requireNonNull(Samples.CIRCUMSTANCES.get(circumstances)));
        String got = decision.refused() ? "-" : Samples.name(decision.next());
        assertThat(got.equals(from) ? "." : got).isEqualTo(expected);
        assertThat(decision.effects().stream()
                        .filter(Effect.Follow.class::isInstance)
                        .map(follow ->
                                ((Effect.Follow) follow).event().getClass().getSimpleName()))
                .isEqualTo(then == null ? List.of() : List.of(then));
    }

    @Test
    void portsAreOpenExactlyWhileItIsEnabled() {
        everyPair((state, event, decision) -> {
            boolean opens = decision.effects().contains(new Effect.OpenPorts());
            boolean closes = decision.effects().contains(new Effect.ClosePorts());
            assertThat(opens).isEqualTo(!state.enabled() && decision.next().enabled());
            assertThat(closes).isEqualTo(state.enabled() && !decision.next().enabled());
        });
        assertThat(Samples.STATES.entrySet().stream()
                        .filter(state -> state.getValue().enabled())
                        .map(Map.Entry::getKey))
                .containsExactly(
                        "stopped",
                        "starting",
                        "running",
                        "pausing-idle",
                        "pausing",
                        "pausing-resume",
                        "pausing-stop",
                        "paused-idle",
                        "paused",
                        "resuming",
                        "stopping",
                        "aborting");
    }

    @Test
    void aGuestIsWatchedExactlyWhileItRuns() {
        everyPair((state, event, decision) -> {
            boolean changes = !decision.next().equals(state);
            boolean begins = decision.effects().contains(new Effect.WatchIdle(Samples.VM));
            assertThat(begins).isEqualTo(changes && decision.next() instanceof InstanceState.Running);
            assertThat(decision.effects().contains(new Effect.AwaitIdleStop(Samples.VM)))
                    .isEqualTo(changes && decision.next().equals(Samples.state("paused-idle")));
            if (changes && state instanceof InstanceState.Running) {
                assertThat(decision.effects()).contains(new Effect.EndIdleWatch());
            }
        });
    }

    private interface Check {
        void of(InstanceState state, InstanceEvent event, Decision decision);
    }

    private static void everyPair(Check check) {
        for (Circumstances circumstances : Samples.CIRCUMSTANCES.values()) {
            for (InstanceState state : Samples.STATES.values()) {
                for (InstanceEvent event : Samples.events().values()) {
                    check.of(state, event, Transitions.decide(state, event, circumstances));
                }
            }
        }
    }

    /** Whatever is asked for in whatever order, and however the work on the VM ends: everybody is answered. */
    @ParameterizedTest
    @ValueSource(longs = {20, 21, 22, 23})
    void nobodyWaitsForEver(long seed) {
        Random random = new Random(seed);
        Set<String> reached = new TreeSet<>();
        for (int walk = 0; walk < 800; walk++) {
            WalkedInstance instance = new WalkedInstance(random);
            for (int rest = 0; rest < 10; rest++) {
                for (int step = random.nextInt(8); step > 0; step--) {
                    instance.step();
                    reached.add(Samples.name(instance.state()));
                }
                instance.comeToRest();
                assertThat(instance.unanswered()).as(instance::story).isEmpty();
            }
        }
        assertThat(reached).containsExactlyInAnyOrderElementsOf(Samples.STATES.keySet());
    }
}
