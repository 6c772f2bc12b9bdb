package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.daemon.idle.WakeClock.Mark;
import dev.aegisvm.daemon.instance.Decision.Effect;
import dev.aegisvm.daemon.instance.InstanceEvent.*;
import dev.aegisvm.daemon.instance.InstanceState.*;

/** The effects that follow from where a decision leads, whatever the event: pure, as the decision. */
final class Consequences {
    private Consequences() {}

    static List<Effect> of(InstanceState before, InstanceEvent event, Decision decision) {
        List<Effect> effects = new ArrayList<>();
        InstanceState next = decision.next();
        boolean changes = !next.equals(before);
        if (isUse(event, decision, changes)) {
            effects.add(new Effect.NoteUse());
        }
        if (changes) {
            if (before.enabled() != next.enabled()) {
                effects.add(next.enabled() ? new Effect.OpenPorts() : new Effect.ClosePorts());
            }
            idle(before, next, effects);
            wakes(before, event, next, effects);
        }
        return effects;
    }

    private static boolean isUse(InstanceEvent event, Decision decision, boolean changes) {
        return switch (event) {
            case Start _, StartByHandle _, Use _, Connect _ -> !decision.refused();
            case Wake _, Booted _ -> changes;
            case Request _, Report _, Change _, OnDisk _, IdleTimer _ -> false;
        };
    }

    private static void idle(InstanceState before, InstanceState next, List<Effect> effects) {
        if (before instanceof Running || before instanceof Paused) {
            effects.add(new Effect.EndIdleWatch());
        }
        if (next instanceof Running(LiveVm vm)) {
            effects.add(new Effect.WatchIdle(vm));
        } else if (next instanceof Paused(LiveVm vm, boolean idle) && idle) {
            effects.add(new Effect.AwaitIdleStop(vm));
        }
    }

    private static void wakes(InstanceState before, InstanceEvent event, InstanceState next, List<Effect> effects) {
        boolean asked = event instanceof Request;
        if (next instanceof Running) {
            effects.add(new Effect.MarkWake(Mark.AWAKE));
        } else if (!wakesUp(next)) {
            effects.add(new Effect.MarkWake(event instanceof Report ? Mark.FAILED : Mark.GIVEN_UP));
        } else if (asked) {
            effects.add(new Effect.MarkWake(before instanceof Stopped ? Mark.FROM_STOPPED : Mark.FROM_PAUSED));
        }
    }

    private static boolean wakesUp(InstanceState state) {
        return state instanceof Starting
                || state instanceof Resuming
                || (state instanceof Pausing pausing && pausing.next() == Next.RESUME);
    }
}
