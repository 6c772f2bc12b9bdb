package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.instance.InstanceEvent.BootFailed;
import dev.aegisvm.daemon.instance.InstanceEvent.Booted;
import dev.aegisvm.daemon.instance.InstanceEvent.Connect;
import dev.aegisvm.daemon.instance.InstanceEvent.Delete;
import dev.aegisvm.daemon.instance.InstanceEvent.Disable;
import dev.aegisvm.daemon.instance.InstanceEvent.FreezeFailed;
import dev.aegisvm.daemon.instance.InstanceEvent.Frozen;
import dev.aegisvm.daemon.instance.InstanceEvent.IdlePause;
import dev.aegisvm.daemon.instance.InstanceEvent.IdleStop;
import dev.aegisvm.daemon.instance.InstanceEvent.MainExited;
import dev.aegisvm.daemon.instance.InstanceEvent.Pause;
import dev.aegisvm.daemon.instance.InstanceEvent.Prune;
import dev.aegisvm.daemon.instance.InstanceEvent.Removed;
import dev.aegisvm.daemon.instance.InstanceEvent.Report;
import dev.aegisvm.daemon.instance.InstanceEvent.Request;
import dev.aegisvm.daemon.instance.InstanceEvent.Resume;
import dev.aegisvm.daemon.instance.InstanceEvent.Start;
import dev.aegisvm.daemon.instance.InstanceEvent.Stop;
import dev.aegisvm.daemon.instance.InstanceEvent.ThawFailed;
import dev.aegisvm.daemon.instance.InstanceEvent.Thawed;
import dev.aegisvm.daemon.instance.InstanceEvent.Timer;
import dev.aegisvm.daemon.instance.InstanceEvent.Use;
import dev.aegisvm.daemon.instance.InstanceEvent.VmGone;
import dev.aegisvm.daemon.instance.InstanceState.Aborting;
import dev.aegisvm.daemon.instance.InstanceState.After;
import dev.aegisvm.daemon.instance.InstanceState.Deleted;
import dev.aegisvm.daemon.instance.InstanceState.Deleting;
import dev.aegisvm.daemon.instance.InstanceState.Next;
import dev.aegisvm.daemon.instance.InstanceState.Paused;
import dev.aegisvm.daemon.instance.InstanceState.Pausing;
import dev.aegisvm.daemon.instance.InstanceState.Resuming;
import dev.aegisvm.daemon.instance.InstanceState.Running;
import dev.aegisvm.daemon.instance.InstanceState.Starting;
import dev.aegisvm.daemon.instance.InstanceState.Stopped;
import dev.aegisvm.daemon.instance.InstanceState.Stopping;

/** What each state makes of each event: a pure function, every pair decided. */
final class Transitions {
    private Transitions() {}

    static Decision decide(InstanceState state, InstanceEvent event) {
        return switch (event) {
            case Request request ->
                switch (state) {
                    case Stopped stopped -> stopped(stopped, request);
                    case Starting starting -> starting(starting, request);
                    case Running running -> running(running, request);
                    case Pausing pausing -> pausing(pausing, request);
                    case Paused paused -> paused(paused, request);
                    case Resuming resuming -> resuming(resuming, request);
                    case Stopping stopping -> stopping(stopping, request);
                    case Aborting aborting -> aborting(aborting, request);
                    case Deleting deleting -> deleting(deleting, request);
                    case Deleted deleted -> Decision.refuse(deleted, ErrorCode.NOT_FOUND);
                };
            case Timer timer -> timer(state, timer);
            case Report report -> Reports.decide(state, report);
        };
    }

    private static Decision timer(InstanceState state, Timer timer) {
        return switch (timer) {
            case IdlePause(LiveVm vm, String _) ->
                state.equals(new Running(vm))
                        ? Decision.accept(new Pausing(vm, Next.STAY), new Effect.Freeze(vm))
                        : Decision.accept(state);
            case IdleStop(LiveVm vm, String cause) ->
                state.equals(new Running(vm)) || state.equals(new Paused(vm))
                        ? Decision.accept(new Stopping(vm, true, cause), new Effect.Halt(vm))
                        : Decision.accept(state);
        };
    }

    private static Decision stopped(Stopped state, Request request) {
        return switch (request) {
            case Start _ ->
                state.enabled()
                        ? Decision.accept(new Starting(), new Effect.Boot())
                        : Decision.accept(new Starting(), new Effect.SetEnabled(true), new Effect.Boot());
            case Stop _ -> Decision.accept(state);
            case Disable _ -> Decision.accept(new Stopped(false), new Effect.SetEnabled(false));
            case Pause _, Resume _, Use _ -> Decision.refuse(state, notRunning(state));
            case Connect _ ->
                state.enabled()
                        ? Decision.when(Goal.AWAKE, new Starting(), new Effect.Boot())
                        : Decision.refuse(state, ErrorCode.DISABLED);
            case Delete _, Prune _ -> Decision.when(Goal.DELETED, new Deleting(), new Effect.Remove());
        };
    }

    private static ErrorCode notRunning(Stopped state) {
        return state.enabled() ? ErrorCode.WRONG_STATE : ErrorCode.DISABLED;
    }

    private static Decision starting(Starting state, Request request) {
        return switch (request) {
            case Start _, Pause _, Resume _, Prune _ -> Decision.refuse(state, ErrorCode.WRONG_STATE);
            case Use _ -> Decision.when(Goal.RUNNING, state);
            case Connect _ -> Decision.when(Goal.AWAKE, state);
            case Stop _ -> Decision.when(Goal.STOPPED, new Aborting(After.STOP), new Effect.AbortBoot());
            case Disable _ ->
                Decision.when(
                        Goal.STOPPED,
                        new Aborting(After.DISABLE),
                        new Effect.SetEnabled(false),
                        new Effect.AbortBoot());
            case Delete _ -> Decision.when(Goal.DELETED, new Aborting(After.DELETE), new Effect.AbortBoot());
        };
    }

    private static Decision running(Running state, Request request) {
        LiveVm vm = state.vm();
        return switch (request) {
            case Start _, Resume _, Prune _ -> Decision.refuse(state, ErrorCode.WRONG_STATE);
            case Use _, Connect _ -> Decision.accept(state);
            case Stop _ -> Decision.when(Goal.STOPPED, new Stopping(vm, true, request.cause()), new Effect.Halt(vm));
            case Disable _ -> disable(vm, request);
            case Pause _ -> Decision.when(Goal.PAUSED, new Pausing(vm, Next.STAY), new Effect.Freeze(vm));
            case Delete _ -> delete(vm);
        };
    }

    private static Decision pausing(Pausing state, Request request) {
        LiveVm vm = state.vm();
        boolean ending = state.next() == Next.STOP || state.next() == Next.DISABLE;
        return switch (request) {
            case Start _, Prune _ -> Decision.refuse(state, ErrorCode.WRONG_STATE);
            case Resume _, Use _ ->
                ending
                        ? Decision.refuse(state, ErrorCode.WRONG_STATE)
                        : Decision.when(Goal.RUNNING, new Pausing(vm, Next.RESUME));
            case Connect _ ->
                switch (state.next()) {
                    case STAY, RESUME -> Decision.when(Goal.AWAKE, new Pausing(vm, Next.RESUME));
                    case STOP -> Decision.when(Goal.STOPPED, state);
                    case DISABLE -> Decision.refuse(state, ErrorCode.DISABLED);
                };
            case Pause _ ->
                ending
                        ? Decision.refuse(state, ErrorCode.WRONG_STATE)
                        : Decision.when(Goal.PAUSED, new Pausing(vm, Next.STAY));
            case Stop _ ->
                Decision.when(Goal.STOPPED, state.next() == Next.DISABLE ? state : new Pausing(vm, Next.STOP));
            case Disable _ -> Decision.when(Goal.STOPPED, new Pausing(vm, Next.DISABLE), new Effect.SetEnabled(false));
            case Delete _ -> delete(vm);
        };
    }

    private static Decision paused(Paused state, Request request) {
        LiveVm vm = state.vm();
        return switch (request) {
            case Start _, Pause _, Prune _ -> Decision.refuse(state, ErrorCode.WRONG_STATE);
            case Resume _, Use _ -> Decision.when(Goal.RUNNING, new Resuming(vm), new Effect.Thaw(vm));
            case Connect _ -> Decision.when(Goal.AWAKE, new Resuming(vm), new Effect.Thaw(vm));
            case Stop _ -> Decision.when(Goal.STOPPED, new Stopping(vm, true, request.cause()), new Effect.Halt(vm));
            case Disable _ -> disable(vm, request);
            case Delete _ -> delete(vm);
        };
    }

    private static Decision resuming(Resuming state, Request request) {
        LiveVm vm = state.vm();
        return switch (request) {
            case Start _, Pause _, Prune _ -> Decision.refuse(state, ErrorCode.WRONG_STATE);
            case Resume _, Use _ -> Decision.when(Goal.RUNNING, state);
            case Connect _ -> Decision.when(Goal.AWAKE, state);
            case Stop _ -> Decision.when(Goal.STOPPED, new Stopping(vm, true, request.cause()), new Effect.Halt(vm));
            case Disable _ -> disable(vm, request);
            case Delete _ -> delete(vm);
        };
    }

    private static Decision stopping(Stopping state, Request request) {
        LiveVm vm = state.vm();
        return switch (request) {
            case Start _, Pause _, Resume _, Use _, Prune _ -> Decision.refuse(state, ErrorCode.WRONG_STATE);
            case Connect _ -> onceStopped(state, state.enabled());
            case Stop _ -> Decision.when(Goal.STOPPED, state);
            case Disable _ ->
                Decision.when(Goal.STOPPED, new Stopping(vm, false, request.cause()), new Effect.SetEnabled(false));
            case Delete _ -> delete(vm);
        };
    }

    private static Decision aborting(Aborting state, Request request) {
        if (state.after() == After.DELETE) {
            return deleting(state, request);
        }
        return switch (request) {
            case Start _, Pause _, Resume _, Use _, Prune _ -> Decision.refuse(state, ErrorCode.WRONG_STATE);
            case Connect _ -> onceStopped(state, state.after() == After.STOP);
            case Stop _ -> Decision.when(Goal.STOPPED, state);
            case Disable _ -> Decision.when(Goal.STOPPED, new Aborting(After.DISABLE), new Effect.SetEnabled(false));
            case Delete _ -> Decision.when(Goal.DELETED, new Aborting(After.DELETE));
        };
    }

    private static Decision deleting(InstanceState state, Request request) {
        return switch (request) {
            case Start _, Stop _, Disable _, Pause _, Resume _, Use _, Connect _, Prune _ ->
                Decision.refuse(state, ErrorCode.NOT_FOUND);
            case Delete _ -> Decision.when(Goal.DELETED, state);
        };
    }

    /** An end that has begun is not undone: the client comes again when it is over. */
    private static Decision onceStopped(InstanceState state, boolean enabled) {
        return enabled ? Decision.when(Goal.STOPPED, state) : Decision.refuse(state, ErrorCode.DISABLED);
    }

    private static Decision disable(LiveVm vm, Request request) {
        return Decision.when(
                Goal.STOPPED,
                new Stopping(vm, false, request.cause()),
                new Effect.SetEnabled(false),
                new Effect.Halt(vm));
    }

    private static Decision delete(LiveVm vm) {
        return Decision.when(Goal.DELETED, new Deleting(), new Effect.Destroy(vm));
    }

    /** What each state makes of what the VM reports. A report of another VM than the state's is too late to matter. */
    static final class Reports {
        private Reports() {}

        static Decision decide(InstanceState state, Report report) {
            return switch (report) {
                case Booted booted -> booted(state, booted.vm());
                case BootFailed failed -> bootFailed(state, failed.cause());
                case MainExited exited -> mainExited(state, exited);
                case VmGone gone -> vmGone(state, gone);
                case Frozen frozen -> frozen(state, frozen.vm());
                case FreezeFailed failed ->
                    state instanceof Pausing pausing && pausing.vm().equals(failed.vm())
                            ? afterFailedFreeze(pausing)
                            : Decision.accept(state);
                case Thawed thawed ->
                    state instanceof Resuming resuming && resuming.vm().equals(thawed.vm())
                            ? Decision.accept(new Running(thawed.vm()))
                            : Decision.accept(state);
                case ThawFailed failed ->
                    state instanceof Resuming resuming && resuming.vm().equals(failed.vm())
                            ? Decision.accept(
                                    new Stopping(failed.vm(), true, failed.cause()), new Effect.Kill(failed.vm()))
                            : Decision.accept(state);
                case Removed _ -> Decision.accept(state instanceof Deleting ? new Deleted() : state);
            };
        }

        private static Decision booted(InstanceState state, LiveVm vm) {
            return switch (state) {
                case Starting _ -> Decision.accept(new Running(vm), new Effect.Watch(vm));
                case Aborting aborting ->
                    switch (aborting.after()) {
                        case STOP ->
                            Decision.accept(
                                    new Stopping(vm, true, "stopped while it started"),
                                    new Effect.Watch(vm),
                                    new Effect.Halt(vm));
                        case DISABLE ->
                            Decision.accept(
                                    new Stopping(vm, false, "disabled while it started"),
                                    new Effect.Watch(vm),
                                    new Effect.Halt(vm));
                        case DELETE -> Decision.accept(new Deleting(), new Effect.Destroy(vm));
                    };
                case Stopped _, Running _, Pausing _, Paused _, Resuming _, Stopping _, Deleting _, Deleted _ ->
                    Decision.accept(state, new Effect.Kill(vm));
            };
        }

        private static Decision bootFailed(InstanceState state, String cause) {
            return switch (state) {
                case Starting _ -> Decision.accept(new Stopped(true), new Effect.NoteStop(cause));
                case Aborting aborting ->
                    switch (aborting.after()) {
                        case STOP ->
                            Decision.accept(new Stopped(true), new Effect.NoteStop("stopped while it started"));
                        case DISABLE ->
                            Decision.accept(new Stopped(false), new Effect.NoteStop("disabled while it started"));
                        case DELETE -> Decision.accept(new Deleting(), new Effect.Remove());
                    };
                case Stopped _, Running _, Pausing _, Paused _, Resuming _, Stopping _, Deleting _, Deleted _ ->
                    Decision.accept(state);
            };
        }

        private static Decision mainExited(InstanceState state, MainExited exited) {
            LiveVm vm = exited.vm();
            Effect note = new Effect.NoteExit(exited.code());
            return switch (state) {
                case Running running
                when running.vm().equals(vm) ->
                    Decision.accept(new Stopping(vm, true, exited.cause()), note, new Effect.Halt(vm));
                case Paused paused
                when paused.vm().equals(vm) ->
                    Decision.accept(new Stopping(vm, true, exited.cause()), note, new Effect.Halt(vm));
                case Resuming resuming
                when resuming.vm().equals(vm) ->
                    Decision.accept(new Stopping(vm, true, exited.cause()), note, new Effect.Halt(vm));
                case Pausing pausing
                when pausing.vm().equals(vm) ->
                    Decision.accept(new Pausing(vm, pausing.next() == Next.DISABLE ? Next.DISABLE : Next.STOP), note);
                // Ended by our own shutdown, which is no exit code of its own.
                case Stopping _ -> Decision.accept(state);
                case Stopped _,
                        Starting _,
                        Running _,
                        Pausing _,
                        Paused _,
                        Resuming _,
                        Aborting _,
                        Deleting _,
                        Deleted _ -> Decision.accept(state);
            };
        }

        private static Decision vmGone(InstanceState state, VmGone gone) {
            Effect note = new Effect.NoteStop(gone.cause());
            return switch (state) {
                case Running running when running.vm().equals(gone.vm()) -> Decision.accept(new Stopped(true), note);
                case Paused paused when paused.vm().equals(gone.vm()) -> Decision.accept(new Stopped(true), note);
                case Resuming resuming when resuming.vm().equals(gone.vm()) -> Decision.accept(new Stopped(true), note);
                case Pausing pausing
                when pausing.vm().equals(gone.vm()) ->
                    Decision.accept(new Stopped(pausing.next() != Next.DISABLE), note);
                case Stopping stopping
                when stopping.vm().equals(gone.vm()) ->
                    Decision.accept(new Stopped(stopping.enabled()), new Effect.NoteStop(stopping.reason()));
                case Stopped _,
                        Starting _,
                        Running _,
                        Pausing _,
                        Paused _,
                        Resuming _,
                        Stopping _,
                        Aborting _,
                        Deleting _,
                        Deleted _ -> Decision.accept(state);
            };
        }

        private static Decision frozen(InstanceState state, LiveVm vm) {
            if (!(state instanceof Pausing pausing) || !pausing.vm().equals(vm)) {
                return Decision.accept(state);
            }
            return switch (pausing.next()) {
                case STAY -> Decision.accept(new Paused(vm));
                case RESUME -> Decision.accept(new Resuming(vm), new Effect.Thaw(vm));
                case STOP -> Decision.accept(new Stopping(vm, true, "stopped"), new Effect.Halt(vm));
                case DISABLE -> Decision.accept(new Stopping(vm, false, "disabled"), new Effect.Halt(vm));
            };
        }

        private static Decision afterFailedFreeze(Pausing pausing) {
            LiveVm vm = pausing.vm();
            return switch (pausing.next()) {
                case STAY, RESUME -> Decision.accept(new Running(vm));
                case STOP -> Decision.accept(new Stopping(vm, true, "stopped"), new Effect.Halt(vm));
                case DISABLE -> Decision.accept(new Stopping(vm, false, "disabled"), new Effect.Halt(vm));
            };
        }
    }
}
