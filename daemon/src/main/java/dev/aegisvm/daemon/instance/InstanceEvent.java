package dev.aegisvm.daemon.instance;

/** Everything that can happen to an instance: what somebody asks for, and what the VM does. */
public sealed interface InstanceEvent {
    /** Why it happens, for the log: "because=…". */
    String cause();

    /** Somebody asks for something, and is answered. */
    sealed interface Request extends InstanceEvent {}

    /** Enable it and boot it. */
    record Start(String cause) implements Request {}

    /** Shut its VM down; it stays enabled. */
    record Stop(String cause) implements Request {}

    /** Shut its VM down; from now on only an explicit start boots it. */
    record Disable(String cause) implements Request {}

    record Pause(String cause) implements Request {}

    record Resume(String cause) implements Request {}

    /** Somebody wants to talk to the guest: wakes a paused one, but boots none. */
    record Use(String cause) implements Request {}

    /** A client of one of its ports waits: wakes it, by a boot if need be. Not a disabled one. */
    record Connect(String cause) implements Request {}

    record Delete(String cause) implements Request {}

    /** Delete it if it is stopped: whoever asks has seen it stopped, and somebody else may have started it since. */
    record Prune(String cause) implements Request {}

    /** The instance has been idle for long enough. It is asked for by nobody, and ignored where it comes too late. */
    sealed interface Timer extends InstanceEvent {}

    /** Pause it until somebody needs it. */
    record IdlePause(LiveVm vm, String cause) implements Timer {}

    /** Shut its VM down until somebody needs it. */
    record IdleStop(LiveVm vm, String cause) implements Timer {}

    /** The VM, or a piece of work on it, reports. */
    sealed interface Report extends InstanceEvent {}

    /** The main process runs. */
    record Booted(LiveVm vm) implements Report {
        @Override
        public String cause() {
            return "main process started";
        }
    }

    /** The boot failed or was aborted; nothing of its VM is left. */
    record BootFailed(String cause) implements Report {}

    /** The main process ended by itself. */
    record MainExited(LiveVm vm, int code) implements Report {
        @Override
        public String cause() {
            return "process exited (code=" + code + ")";
        }
    }

    /** The VM's process is gone. */
    record VmGone(LiveVm vm, String cause) implements Report {}

    record Frozen(LiveVm vm) implements Report {
        @Override
        public String cause() {
            return "frozen";
        }
    }

    record FreezeFailed(LiveVm vm, String cause) implements Report {}

    record Thawed(LiveVm vm) implements Report {
        @Override
        public String cause() {
            return "thawed";
        }
    }

    record ThawFailed(LiveVm vm, String cause) implements Report {}

    /** Disk, logs and record of a deleted instance are gone. */
    record Removed() implements Report {
        @Override
        public String cause() {
            return "everything of it is removed";
        }
    }
}
