package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.idle.IdlePolicy.Signals;
import dev.aegisvm.daemon.idle.WakeClock.Mark;
import dev.aegisvm.daemon.instance.InstanceEvent.*;
import dev.aegisvm.daemon.instance.InstanceState.*;
import dev.aegisvm.vmm.VmmException;

/** What a state makes of an event. The effects are done in their order, once the next state is durable. */
record Decision(InstanceState next, List<Effect> effects, Answer answer) {
    Decision {
        effects = List.copyOf(effects);
    }

    /** What the one who asked is told. Reports ask nothing. */
    sealed interface Answer {
        record Accepted() implements Answer {}

        /** Answered when the instance has got there, or cannot get there any more. */
        record When(Goal goal) implements Answer {}

        record Refused(ErrorCode code) implements Answer {}
    }

    static Decision accept(InstanceState next, Effect... effects) {
        return new Decision(next, List.of(effects), new Answer.Accepted());
    }

    static Decision when(Goal goal, InstanceState next, Effect... effects) {
        return new Decision(next, List.of(effects), new Answer.When(goal));
    }

    static Decision refuse(InstanceState same, ErrorCode code) {
        return new Decision(same, List.of(), new Answer.Refused(code));
    }

    boolean refused() {
        return answer instanceof Answer.Refused;
    }

    /** The same, after the effects that follow from where it leads, whatever the event. */
    Decision withConsequences(InstanceState before, InstanceEvent event) {
        List<Effect> all = new ArrayList<>();
        boolean changes = !next.equals(before);
        if (isUse(event, changes)) {
            all.add(new Effect.NoteUse());
        }
        if (changes) {
            if (before.enabled() != next.enabled()) {
                all.add(next.enabled() ? new Effect.OpenPorts() : new Effect.ClosePorts());
            }
            watchIdle(before, all);
            markWake(before, event, all);
        }
        all.addAll(effects);
        return new Decision(next, all, answer);
    }

    private boolean isUse(InstanceEvent event, boolean changes) {
        return switch (event) {
            case Start _, StartByHandle _, Use _, Connect _ -> !refused();
            case Wake _, Booted _ -> changes;
            case Request _, Report _, Change _, OnDisk _, IdleTimer _ -> false;
        };
    }

    private void watchIdle(InstanceState before, List<Effect> all) {
        if (before instanceof Running || before instanceof Paused) {
            all.add(new Effect.EndIdleWatch());
        }
        if (next instanceof Running(LiveVm vm)) {
            all.add(new Effect.WatchIdle(vm));
        } else if (next instanceof Paused(LiveVm vm, boolean idle) && idle) {
            all.add(new Effect.AwaitIdleStop(vm));
        }
    }

    private void markWake(InstanceState before, InstanceEvent event, List<Effect> all) {
        boolean wakesUp = next instanceof Starting
                || next instanceof Resuming
                || (next instanceof Pausing pausing && pausing.next() == Next.RESUME);
        if (next instanceof Running) {
            all.add(new Effect.MarkWake(Mark.AWAKE));
        } else if (!wakesUp) {
            all.add(new Effect.MarkWake(event instanceof Report ? Mark.FAILED : Mark.GIVEN_UP));
        } else if (event instanceof Request) {
            all.add(new Effect.MarkWake(before instanceof Stopped ? Mark.FROM_STOPPED : Mark.FROM_PAUSED));
        }
    }

    /** The record after it; whether an instance is enabled, and which VM it has, follow from where it leads. */
    InstanceRecord change(InstanceRecord record, Instant now) {
        InstanceRecord changed = record;
        for (Effect effect : effects) {
            if (effect instanceof Effect.OfRecord change) {
                changed = switch (change) {
                    case Effect.ChangeSpec to -> changed.withSpec(to.change().apply(changed.spec()));
                    case Effect.NoteExit exit -> changed.withExitCode(Optional.of(exit.code()));
                    case Effect.NoteStop stop -> changed.stopped(now, stop.reason());
                    case Effect.Boot _ -> changed.booting(now);
                };
            }
        }
        boolean enabled = next.isThere() ? next.enabled() : changed.enabled();
        LiveVm vm = next.vm();
        return changed.withEnabled(enabled)
                .withVm(vm == null ? changed.vm() : Optional.of(vm.vm().process()));
    }

    /** A state that a client waits for. */
    enum Goal {
        RUNNING,
        /** As running, for a client that waits: a pause in between does not matter, since that client ends it. */
        AWAKE,
        PAUSED,
        STOPPED,
        DELETED;

        enum Verdict {
            REACHED,
            PENDING,
            MISSED
        }

        /** Whether a state is the goal, may still lead to it, or has missed it. */
        Verdict verdict(InstanceState state) {
            return switch (this) {
                case RUNNING ->
                    switch (state) {
                        case Running _ -> Verdict.REACHED;
                        case Starting _, Pausing _, Resuming _ -> Verdict.PENDING;
                        case Stopped _, Paused _, Stopping _, Aborting _, Deleting _, Deleted _ -> Verdict.MISSED;
                    };
                case AWAKE -> state instanceof Paused ? Verdict.PENDING : RUNNING.verdict(state);
                case PAUSED ->
                    switch (state) {
                        case Paused _ -> Verdict.REACHED;
                        case Pausing _ -> Verdict.PENDING;
                        case Stopped _, Starting _, Running _, Resuming _ -> Verdict.MISSED;
                        case Stopping _, Aborting _, Deleting _, Deleted _ -> Verdict.MISSED;
                    };
                case STOPPED ->
                    switch (state) {
                        case Stopped _, Deleting _, Deleted _ -> Verdict.REACHED;
                        case Pausing _, Stopping _, Aborting _ -> Verdict.PENDING;
                        case Starting _, Running _, Paused _, Resuming _ -> Verdict.MISSED;
                    };
                // Nothing leads anywhere else once deletion is asked for.
                case DELETED -> state instanceof Deleted ? Verdict.REACHED : Verdict.PENDING;
            };
        }
    }

    /** Those who asked for something and wait for a goal. For one thread. */
    static final class Waiters {
        private record Waiter(Goal goal, CompletableFuture<InstanceState> answer) {}

        private final List<Waiter> waiting = new ArrayList<>();

        void add(Goal goal, CompletableFuture<InstanceState> answer) {
            waiting.add(new Waiter(goal, answer));
        }

        void fail(RuntimeException bug) {
            waiting.forEach(waiter -> waiter.answer().completeExceptionally(bug));
            waiting.clear();
        }

        /** Answers those whose goal is reached, or cannot be reached any more; for these, {@code missed} says why. */
        void tell(InstanceState state, Function<InstanceState, RuntimeException> missed) {
            for (Waiter waiter : waiting) {
                switch (waiter.goal().verdict(state)) {
                    case PENDING -> {}
                    case REACHED -> waiter.answer().complete(state);
                    case MISSED -> waiter.answer().completeExceptionally(missed.apply(state));
                }
            }
            waiting.removeIf(waiter -> waiter.answer().isDone());
        }
    }

    /**
     * What counts beside the state of an instance when an event is decided, as it is at that moment.
     *
     * @param idle its timeouts, what uses it, and what its guest does
     * @param clientWaits a client waits for its guest; asked when a pause has succeeded
     * @param awaitsOwner it belongs to a client that has not attached yet
     * @param shortage the host lacks the memory for a boot; asked when a request may lead to one
     * @param noPause why its backend cannot pause it; asked when a client wants a pause
     */
    record Circumstances(
            Life life,
            Signals idle,
            boolean clientWaits,
            boolean awaitsOwner,
            Optional<VmWork.Shortage> shortage,
            Optional<VmmException> noPause) {}
}
