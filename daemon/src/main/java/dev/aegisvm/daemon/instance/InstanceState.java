package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.InstanceStatus;
import org.jspecify.annotations.Nullable;

/** What an instance is doing. Each state carries only what it has. */
public sealed interface InstanceState {
    record Stopped(boolean enabled) implements InstanceState {}

    /** A VM is being booted; the boot ends with {@code Booted} or {@code BootFailed}. */
    record Starting() implements InstanceState {}

    record Running(LiveVm vm) implements InstanceState {}

    /** The VM is being frozen; whatever was asked meanwhile comes after it. */
    record Pausing(LiveVm vm, Next next) implements InstanceState {}

    /** The VM is frozen: because it was idle, until it is to be stopped; or because a client asked for it. */
    record Paused(LiveVm vm, boolean idle) implements InstanceState {}

    record Resuming(LiveVm vm) implements InstanceState {}

    record Stopping(LiveVm vm, After after, String reason) implements InstanceState {}

    record Aborting(After after) implements InstanceState {}

    /** The VM is killed and everything that belongs to the instance removed. */
    record Deleting() implements InstanceState {}

    record Deleted() implements InstanceState {}

    enum Next {
        /** It was idle, and sleeps. */
        SLEEP,
        /** A client asked for the pause. */
        STAY,
        RESUME,
        STOP,
        DISABLE,
        DELETE
    }

    enum After {
        STOP,
        DISABLE,
        DELETE
    }

    default @Nullable LiveVm vm() {
        return null;
    }

    /** An instance at one moment, for all to read, and since when and why it is in its state. */
    record Snapshot(InstanceRecord record, InstanceState state, Instant since, String cause) {}

    /** What clients see of it: pausing and stopping are still running, resuming is still paused. */
    default InstanceStatus status() {
        return switch (this) {
            case Stopped _, Deleted _, Deleting _ -> InstanceStatus.STOPPED;
            case Starting _, Aborting _ -> InstanceStatus.STARTING;
            case Running _, Pausing _, Stopping _ -> InstanceStatus.RUNNING;
            case Paused _, Resuming _ -> InstanceStatus.PAUSED;
        };
    }

    /** Whether clients find it; else it is 404 to them. */
    default boolean isThere() {
        return switch (this) {
            case Deleting _, Deleted _ -> false;
            case Aborting aborting -> aborting.after() != After.DELETE;
            case Stopping stopping -> stopping.after() != After.DELETE;
            case Pausing pausing -> pausing.next() != Next.DELETE;
            case Stopped _, Starting _, Running _, Paused _, Resuming _ -> true;
        };
    }

    /** Whether clients of its ports are let in, and wake it; not when it is disabled or being deleted, or will be. */
    default boolean enabled() {
        return switch (this) {
            case Stopped stopped -> stopped.enabled;
            case Pausing pausing -> pausing.next() != Next.DISABLE && pausing.next() != Next.DELETE;
            case Stopping stopping -> stopping.after() == After.STOP;
            case Aborting aborting -> aborting.after() == After.STOP;
            case Starting _, Running _, Paused _, Resuming _ -> true;
            case Deleting _, Deleted _ -> false;
        };
    }

    default boolean has(LiveVm vm) {
        return vm.equals(vm());
    }

    /** The state as a word of a sentence: "the instance is …". */
    default String word() {
        return switch (this) {
            case Aborting _ -> "aborting its start";
            case Deleting _ -> "being deleted";
            case Stopped _, Starting _, Running _, Pausing _, Paused _, Resuming _, Stopping _, Deleted _ -> label();
        };
    }

    /** The state as one word, for events. */
    default String label() {
        return this instanceof Stopped(boolean enabled) && !enabled
                ? "disabled"
                : getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
