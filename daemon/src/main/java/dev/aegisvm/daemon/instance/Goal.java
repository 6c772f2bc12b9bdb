package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.instance.InstanceState.Aborting;
import dev.aegisvm.daemon.instance.InstanceState.Deleted;
import dev.aegisvm.daemon.instance.InstanceState.Deleting;
import dev.aegisvm.daemon.instance.InstanceState.Paused;
import dev.aegisvm.daemon.instance.InstanceState.Pausing;
import dev.aegisvm.daemon.instance.InstanceState.Resuming;
import dev.aegisvm.daemon.instance.InstanceState.Running;
import dev.aegisvm.daemon.instance.InstanceState.Starting;
import dev.aegisvm.daemon.instance.InstanceState.Stopped;
import dev.aegisvm.daemon.instance.InstanceState.Stopping;

/** A state that somebody waits for. */
enum Goal {
    RUNNING,
    /** As running, for a client that waits: a pause in between does not matter, since that client ends it. */
    AWAKE,
    PAUSED,
    STOPPED,
    DELETED;

    /** How a waiting request stands. */
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
            case AWAKE ->
                switch (state) {
                    case Running _ -> Verdict.REACHED;
                    case Starting _, Pausing _, Paused _, Resuming _ -> Verdict.PENDING;
                    case Stopped _, Stopping _, Aborting _, Deleting _, Deleted _ -> Verdict.MISSED;
                };
            case PAUSED ->
                switch (state) {
                    case Paused _ -> Verdict.REACHED;
                    case Pausing _ -> Verdict.PENDING;
                    case Stopped _, Starting _, Running _, Resuming _, Stopping _, Aborting _, Deleting _, Deleted _ ->
                        Verdict.MISSED;
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
