package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.daemon.idle.WakeClock.Mark;

/** What is to be done after a {@link Decision}. */
public sealed interface Effect {
    /** A part of it is a change of the record. */
    sealed interface OfRecord extends Effect {}

    record ChangeSpec(UnaryOperator<InstanceSpec> change) implements OfRecord {}

    record NoteExit(int code) implements OfRecord {}

    /** No VM runs any more; where a start has failed, its log says why. */
    record NoteStop(String reason, boolean failedStart) implements OfRecord {}

    /** It is used: written down with the next change, not at the cost of each exec. */
    record NoteUse() implements Effect {}

    /** Boot it; {@link VmWork#boot} says how that ends. */
    record Boot() implements OfRecord {}

    /** Work that takes its time ({@link VmWork#begin}); how it ends is reported as an event. */
    sealed interface Slow extends Effect {}

    /** Its end is that of the boot, which reports it. */
    record AbortBoot() implements Slow {}

    /** Wait for the end of the main process, and that of the VM; reports both. */
    record Watch(LiveVm vm) implements Slow {}

    /** Shut it down in an orderly way; the watch reports its end. */
    record Halt(LiveVm vm) implements Slow {}

    /** End it at once; the watch reports its end. */
    record Kill(LiveVm vm) implements Slow {}

    /** Reports {@code Frozen} or {@code FreezeFailed}. */
    record Freeze(LiveVm vm) implements Slow {}

    /** Reports {@code Thawed} or {@code ThawFailed}. */
    record Thaw(LiveVm vm) implements Slow {}

    /** End the VM if there is one, and remove everything that belongs to the instance; reports {@code Removed}. */
    record Remove(Optional<LiveVm> vm) implements Slow {}

    // The others are done at once.

    record OnDisk(Runnable work) implements Effect {}

    record OpenPorts() implements Effect {}

    record ClosePorts() implements Effect {}

    /** Look at what the guest uses, from now on; reports {@code IdleTimer} after the first look. */
    record WatchIdle(LiveVm vm) implements Effect {}

    /** Look once more, later; reports {@code IdleTimer}. */
    record LookAgain() implements Effect {}

    /** Report {@code IdleTimer} when it has slept for so long that it is to be stopped. */
    record AwaitIdleStop(LiveVm vm) implements Effect {}

    record EndIdleWatch() implements Effect {}

    record MarkWake(Mark mark) implements Effect {}

    /** Handle another event after those that have come in. */
    record Follow(InstanceEvent event) implements Effect {}
}
