package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ErrorCode;
import java.util.function.UnaryOperator;

/** Everything that can happen to an instance: what clients ask for, and what the VM does. */
public sealed interface InstanceEvent {
    /** Why it happens, for the log: "because=…". */
    String cause();

    /** A client asks for something, and is answered. */
    sealed interface Request extends InstanceEvent {}

    /** Whether it boots a stopped instance, if it is let in. */
    static boolean mayBoot(InstanceEvent event) {
        return event instanceof Start || event instanceof StartByHandle || event instanceof Connect;
    }

    /** Enable it and boot it. */
    record Start(String cause) implements Request {}

    /** Boot it if it is stopped, changed as the create says that names it by its handle. */
    record StartByHandle(UnaryOperator<InstanceSpec> change, String cause) implements Request {}

    /** Shut its VM down; it stays enabled. A client asked for that, or we do something that needs it. */
    record Stop(String cause, boolean asked) implements Request {}

    /** Shut its VM down; from now on only an explicit start boots it. */
    record Disable(String cause) implements Request {}

    record Pause(String cause) implements Request {}

    record Resume(String cause) implements Request {}

    /** A client wants to talk to the guest: wakes a paused one, but boots none. */
    record Use(String cause) implements Request {}

    /** A client of one of its ports waits: wakes it, by a boot if need be. Not a disabled one. */
    record Connect(String cause) implements Request {}

    /** A client sent something over an open connection: ends a pause, and does nothing else. */
    record Wake(String cause) implements Request {}

    record Delete(String cause) implements Request {}

    /** Delete it if it is stopped: it may have been started since the client saw it stopped. */
    record Prune(String cause) implements Request {}

    /** It gets another handle, or other rules for its network: what needs no start. */
    record Change(UnaryOperator<InstanceSpec> to, String cause) implements InstanceEvent {}

    /** Something is done with its disk, in milliseconds, if it is stopped. */
    record OnDisk(Runnable work, String cause) implements InstanceEvent {}

    /** An idle timer of this VM has expired: check whether to pause it, or stop it after a long pause. */
    record IdleTimer(LiveVm vm, String cause) implements InstanceEvent {}

    /** The VM, or a piece of work on it, reports. */
    sealed interface Report extends InstanceEvent {
        @Override
        default String cause() {
            return switch (this) {
                case Booted _ -> "main process started";
                case MainExited exited -> "process exited (code=" + exited.code() + ")";
                case Frozen _ -> "frozen";
                case Thawed _ -> "thawed";
                case Removed _ -> "all of its files are deleted";
                case BootFailed _, VmGone _, FreezeFailed _, ThawFailed _ ->
                    throw new IllegalStateException("each has a cause of its own");
            };
        }
    }

    /** The VM that it has reports; that of another VM is too late to matter. */
    sealed interface VmReport extends Report {
        LiveVm vm();
    }

    record Booted(LiveVm vm) implements Report {}

    record BootFailed(ErrorCode code, String cause) implements Report {}

    record MainExited(LiveVm vm, int code) implements VmReport {}

    record VmGone(LiveVm vm, String cause) implements VmReport {}

    record Frozen(LiveVm vm) implements VmReport {}

    record FreezeFailed(LiveVm vm, String cause) implements VmReport {}

    record Thawed(LiveVm vm) implements VmReport {}

    record ThawFailed(LiveVm vm, String cause) implements VmReport {}

    /** Disk, logs and record of a deleted instance are gone. */
    record Removed() implements Report {}
}
