package dev.aegisvm.daemon.instance;

import static dev.aegisvm.daemon.instance.Decision.accept;
import static dev.aegisvm.daemon.instance.Decision.refuse;
import static dev.aegisvm.daemon.instance.Decision.when;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.idle.IdlePolicy;
import dev.aegisvm.daemon.instance.Decision.*;
import dev.aegisvm.daemon.instance.InstanceEvent.*;
import dev.aegisvm.daemon.instance.InstanceState.*;
import org.jspecify.annotations.Nullable;

/** What each state makes of each event in its circumstances: a pure function, every pair decided. */
public final class Transitions {
    private Transitions() {}

    static Decision decide(InstanceState state, InstanceEvent event, Circumstances now) {
        Decision decision = switch (event) {
            case Request request -> possible(state, request, now);
            case Change change ->
                state.isThere()
                        ? accept(state, new Effect.ChangeSpec(change.to()))
                        : refuse(state, ErrorCode.NOT_FOUND);
            case OnDisk disk ->
                state instanceof Stopped
                        ? accept(state, new Effect.OnDisk(disk.work()))
                        : refuse(state, ErrorCode.WRONG_STATE);
            case IdleTimer timer -> state.has(timer.vm()) ? idle(state, timer, now) : accept(state);
            case Report report -> report(state, report, now);
        };
        boolean asEver = now.life() instanceof Life.Stays || decision.refused();
        Decision lived = asEver ? decision : lived(state, event, decision, now.life());
        return lived.withConsequences(state, event);
    }

    /** Whether an instance is deleted by the next daemon, if this one did not do it. */
    public static boolean endsWithDaemon(Life life) {
        return !(life instanceof Life.Stays);
    }

    /** Whether it is deleted when it stops, even if no client asked for that, as for a rewind. */
    public static boolean endsWithStop(Life life) {
        return life instanceof Life.OfClient;
    }

    /** One that does not stay is deleted where another is stopped; that of a client at once: it has the exit code. */
    private static Decision lived(InstanceState state, InstanceEvent event, Decision decision, Life life) {
        return switch (event) {
            case Stop(String cause, boolean asked)
            when !asked -> endsWithStop(life) ? request(state, new Delete(cause)) : decision;
            case MainExited _ when decision.next().equals(state) -> decision;
            case MainExited exited when endsWithStop(life) -> delete(exited.vm());
            case Stop _, Disable _, MainExited _ -> ended(state, event, decision);
            case Request _, Report _, Change _, OnDisk _, IdleTimer _ -> decision;
        };
    }

    private static Decision ended(InstanceState state, InstanceEvent event, Decision decision) {
        LiveVm vm = decision.next().vm();
        if (vm == null) {
            return request(state, new Delete(event.cause()));
        }
        InstanceState end = decision.next() instanceof Pausing
                ? new Pausing(vm, Next.DELETE)
                : new Stopping(vm, After.DELETE, event.cause());
        Answer answer = event instanceof Request ? new Answer.When(Goal.DELETED) : decision.answer();
        return new Decision(end, decision.effects(), answer);
    }

    /** Refuses a boot without a client that it waits for, or without memory, and a pause that the backend cannot do. */
    private static Decision possible(InstanceState state, Request request, Circumstances now) {
        Decision decision = request(state, request);
        if (decision.effects().contains(new Effect.Boot())) {
            if (now.awaitsOwner()) {
                return request instanceof StartByHandle ? inUse(state) : refuse(state, ErrorCode.WRONG_STATE);
            }
            return now.shortage().isPresent() ? refuse(state, ErrorCode.HOST_MEMORY_LOW) : decision;
        }
        boolean pauses = decision.effects().stream().anyMatch(Effect.Freeze.class::isInstance);
        return pauses && now.noPause().isPresent() ? refuse(state, ErrorCode.UNSUPPORTED) : decision;
    }

    private static Decision request(InstanceState state, Request request) {
        if (!state.isThere()) {
            return deleting(state, request);
        }
        return switch (state) {
            case Stopped stopped -> stopped(stopped, request);
            case Starting starting -> starting(starting, request);
            case Running running -> running(running, request);
            case Pausing pausing -> pausing(pausing, request);
            case Paused(LiveVm vm, boolean _) ->
                request instanceof Pause
                        ? accept(new Paused(vm, false))
                        : asleep(state, vm, request, new Effect.Thaw(vm));
            case Resuming(LiveVm vm) -> asleep(state, vm, request);
            case Stopping(LiveVm vm, After _, String _) ->
                ending(state, request, new Stopping(vm, After.DISABLE, request.cause()));
            case Aborting _ -> ending(state, request, new Aborting(After.DISABLE));
            case Deleting _, Deleted _ -> deleting(state, request);
        };
    }

    /** The VM is the state's. */
    private static Decision idle(InstanceState state, IdleTimer timer, Circumstances now) {
        Stopping stop = new Stopping(timer.vm(), After.STOP, timer.cause());
        return switch (state) {
            case Running(LiveVm vm) -> {
                if (IdlePolicy.awakeBecause(now.idle()).isPresent()) {
                    yield accept(state, new Effect.LookAgain());
                }
                yield now.idle().times().pause().isNever()
                        ? accept(stop, new Effect.Halt(vm))
                        : accept(new Pausing(vm, Next.SLEEP), new Effect.Freeze(vm));
            }
            case Paused(LiveVm vm, boolean idle) -> {
                if (!idle) {
                    yield accept(state);
                }
                yield now.idle().inUse() ? accept(state, resume()) : accept(stop, new Effect.Halt(vm));
            }
            case Stopped _, Starting _, Pausing _, Resuming _, Stopping _, Aborting _, Deleting _, Deleted _ ->
                accept(state);
        };
    }

    private static Effect resume() {
        return new Effect.Follow(new Resume("it was used while it was paused"));
    }

    private static Decision stopped(Stopped state, Request request) {
        return switch (request) {
            case Start _ -> accept(new Starting(), new Effect.Boot());
            case StartByHandle start ->
                accept(new Starting(), new Effect.ChangeSpec(start.change()), new Effect.Boot());
            case Stop _, Wake _ -> accept(state);
            case Disable _ -> accept(new Stopped(false));
            case Pause _, Resume _, Use _ ->
                refuse(state, state.enabled() ? ErrorCode.WRONG_STATE : ErrorCode.DISABLED);
            case Connect _ ->
                state.enabled()
                        ? when(Goal.AWAKE, new Starting(), new Effect.Boot())
                        : refuse(state, ErrorCode.DISABLED);
            case Delete _, Prune _ -> when(Goal.DELETED, new Deleting(), new Effect.Remove(Optional.empty()));
        };
    }

    private static Decision starting(Starting state, Request request) {
        return switch (request) {
            case StartByHandle _ -> inUse(state);
            case Start _, Pause _, Resume _, Prune _ -> refuse(state, ErrorCode.WRONG_STATE);
            case Use _ -> when(Goal.RUNNING, state);
            case Connect _ -> when(Goal.AWAKE, state);
            case Wake _ -> accept(state);
            case Stop _ -> when(Goal.STOPPED, new Aborting(After.STOP), new Effect.AbortBoot());
            case Disable _ -> when(Goal.STOPPED, new Aborting(After.DISABLE), new Effect.AbortBoot());
            case Delete _ -> when(Goal.DELETED, new Aborting(After.DELETE), new Effect.AbortBoot());
        };
    }

    private static Decision running(Running state, Request request) {
        LiveVm vm = state.vm();
        return switch (request) {
            case StartByHandle _ -> inUse(state);
            case Start _, Prune _ -> refuse(state, ErrorCode.WRONG_STATE);
            case Resume _, Use _, Connect _, Wake _ -> accept(state);
            case Stop _ -> halt(vm, After.STOP, request);
            case Disable _ -> halt(vm, After.DISABLE, request);
            case Pause _ -> when(Goal.PAUSED, new Pausing(vm, Next.STAY), new Effect.Freeze(vm));
            case Delete _ -> delete(vm);
        };
    }

    private static Decision pausing(Pausing state, Request request) {
        LiveVm vm = state.vm();
        boolean ending = ending(state.next());
        return switch (request) {
            case StartByHandle _ -> inUse(state);
            case Start _, Prune _ -> refuse(state, ErrorCode.WRONG_STATE);
            case Resume _, Use _ ->
                ending ? refuse(state, ErrorCode.WRONG_STATE) : when(Goal.RUNNING, new Pausing(vm, Next.RESUME));
            case Connect _ -> ending ? onceStopped(state) : when(Goal.AWAKE, new Pausing(vm, Next.RESUME));
            case Wake _ -> accept(ending ? state : new Pausing(vm, Next.RESUME));
            case Pause _ ->
                ending ? refuse(state, ErrorCode.WRONG_STATE) : when(Goal.PAUSED, new Pausing(vm, Next.STAY));
            case Stop _ -> when(Goal.STOPPED, state.next() == Next.DISABLE ? state : new Pausing(vm, Next.STOP));
            case Disable _ -> when(Goal.STOPPED, new Pausing(vm, Next.DISABLE));
            case Delete _ -> delete(vm);
        };
    }

    private static boolean ending(Next next) {
        return switch (next) {
            case SLEEP, STAY, RESUME -> false;
            case STOP, DISABLE, DELETE -> true;
        };
    }

    /** It is paused, which the thaw ends, or on its way back from that. */
    private static Decision asleep(InstanceState state, LiveVm vm, Request request, Effect... thaw) {
        Resuming resuming = new Resuming(vm);
        return switch (request) {
            case StartByHandle _ -> inUse(state);
            case Start _, Pause _, Prune _ -> refuse(state, ErrorCode.WRONG_STATE);
            case Resume _, Use _ -> when(Goal.RUNNING, resuming, thaw);
            case Connect _ -> when(Goal.AWAKE, resuming, thaw);
            case Wake _ -> accept(resuming, thaw);
            case Stop _ -> halt(vm, After.STOP, request);
            case Disable _ -> halt(vm, After.DISABLE, request);
            case Delete _ -> delete(vm);
        };
    }

    /** Its VM is being shut down, or its boot is being aborted. */
    private static Decision ending(InstanceState state, Request request, InstanceState disabled) {
        return switch (request) {
            case StartByHandle _ -> inUse(state);
            case Start _, Pause _, Resume _, Use _, Prune _ -> refuse(state, ErrorCode.WRONG_STATE);
            case Connect _ -> onceStopped(state);
            case Wake _ -> accept(state);
            case Stop _ -> when(Goal.STOPPED, state);
            case Disable _ -> when(Goal.STOPPED, disabled);
            case Delete _ -> delete(state.vm(), new Aborting(After.DELETE));
        };
    }

    /** It is being deleted, or will be when its VM has ended. */
    private static Decision deleting(InstanceState state, Request request) {
        return switch (request) {
            case StartByHandle _ -> inUse(state);
            case Start _, Stop _, Disable _, Pause _, Resume _, Use _, Connect _, Prune _ ->
                refuse(state, ErrorCode.NOT_FOUND);
            case Wake _ -> accept(state);
            case Delete _ when state instanceof Deleted -> refuse(state, ErrorCode.NOT_FOUND);
            case Delete _ -> delete(state.vm(), state);
        };
    }

    private static Decision inUse(InstanceState state) {
        return refuse(state, ErrorCode.HANDLE_IN_USE);
    }

    /** An end that has begun is not undone: the client comes again when it is over. */
    private static Decision onceStopped(InstanceState state) {
        return state.enabled() ? when(Goal.STOPPED, state) : refuse(state, ErrorCode.DISABLED);
    }

    private static Decision halt(LiveVm vm, After after, Request request) {
        return when(Goal.STOPPED, new Stopping(vm, after, request.cause()), new Effect.Halt(vm));
    }

    private static Decision delete(@Nullable LiveVm vm, InstanceState without) {
        return vm == null ? when(Goal.DELETED, without) : delete(vm);
    }

    private static Decision delete(LiveVm vm) {
        return when(Goal.DELETED, new Deleting(), new Effect.Remove(Optional.of(vm)));
    }

    private static Decision report(InstanceState state, Report report, Circumstances now) {
        return switch (report) {
            case Booted(LiveVm vm) -> booted(state, vm);
            case BootFailed(ErrorCode _, String cause) -> bootFailed(state, cause);
            case VmReport own -> state.has(own.vm()) ? ofItsVm(state, own, now) : accept(state);
            case Removed _ -> accept(state instanceof Deleting ? new Deleted() : state);
        };
    }

    private static Decision booted(InstanceState state, LiveVm vm) {
        return switch (state) {
            case Starting _ -> accept(new Running(vm), new Effect.Watch(vm));
            case Aborting(After after)
            when after == After.DELETE -> accept(new Deleting(), new Effect.Remove(Optional.of(vm)));
            case Aborting(After after) ->
                accept(new Stopping(vm, after, aborted(after)), new Effect.Watch(vm), new Effect.Halt(vm));
            case Stopped _, Running _, Pausing _, Paused _, Resuming _, Stopping _, Deleting _, Deleted _ ->
                accept(state, new Effect.Kill(vm));
        };
    }

    private static String aborted(After after) {
        return (after == After.STOP ? "stopped" : "disabled") + " while it started";
    }

    private static Decision bootFailed(InstanceState state, String cause) {
        return switch (state) {
            case Starting _ -> accept(new Stopped(true), new Effect.NoteStop(cause, true));
            case Aborting(After after) ->
                after == After.DELETE
                        ? accept(new Deleting(), new Effect.Remove(Optional.empty()))
                        : accept(new Stopped(after == After.STOP), new Effect.NoteStop(aborted(after), false));
            case Stopped _, Running _, Pausing _, Paused _, Resuming _, Stopping _, Deleting _, Deleted _ ->
                accept(state);
        };
    }

    private static Decision ofItsVm(InstanceState state, VmReport report, Circumstances now) {
        LiveVm vm = report.vm();
        return switch (report) {
            case MainExited exited -> mainExited(state, exited);
            case VmGone _ when !state.isThere() -> accept(new Deleting(), new Effect.Remove(Optional.empty()));
            case VmGone gone ->
                accept(
                        new Stopped(state.enabled()),
                        new Effect.NoteStop(state instanceof Stopping own ? own.reason() : gone.cause(), false));
            case Frozen _ -> state instanceof Pausing(LiveVm _, Next next) ? frozen(vm, next, now) : accept(state);
            case FreezeFailed _
            when state instanceof Pausing(LiveVm _, Next next) ->
                ending(next) ? end(vm, next) : accept(new Running(vm));
            case FreezeFailed _ -> accept(state);
            case Thawed _ -> accept(state instanceof Resuming ? new Running(vm) : state);
            case ThawFailed failed ->
                state instanceof Resuming
                        ? accept(new Stopping(vm, After.STOP, failed.cause()), new Effect.Kill(vm))
                        : accept(state);
        };
    }

    private static Decision mainExited(InstanceState state, MainExited exited) {
        LiveVm vm = exited.vm();
        Effect note = new Effect.NoteExit(exited.code());
        return switch (state) {
            case Running _, Paused _, Resuming _ ->
                accept(new Stopping(vm, After.STOP, exited.cause()), note, new Effect.Halt(vm));
            case Pausing(LiveVm _, Next next) -> accept(new Pausing(vm, ending(next) ? next : Next.STOP), note);
            // When it is stopping, our own shutdown ended the process, and that is no exit code of its own.
            case Stopping _, Stopped _, Starting _, Aborting _, Deleting _, Deleted _ -> accept(state);
        };
    }

    /** A client that came while it was being paused could not wake it: that is done now. */
    private static Decision frozen(LiveVm vm, Next next, Circumstances now) {
        return switch (next) {
            case SLEEP -> {
                Paused asleep = new Paused(vm, true);
                yield now.idle().inUse() ? accept(asleep, resume()) : accept(asleep);
            }
            case STAY -> {
                Paused paused = new Paused(vm, false);
                yield now.clientWaits()
                        ? accept(paused, new Effect.Follow(new Connect("a client waits for it")))
                        : accept(paused);
            }
            case RESUME -> accept(new Resuming(vm), new Effect.Thaw(vm));
            case STOP, DISABLE, DELETE -> end(vm, next);
        };
    }

    private static Decision end(LiveVm vm, Next next) {
        After after = next == Next.DISABLE ? After.DISABLE : After.STOP;
        String reason = after == After.DISABLE ? "disabled" : "stopped";
        return accept(new Stopping(vm, next == Next.DELETE ? After.DELETE : after, reason), new Effect.Halt(vm));
    }
}
