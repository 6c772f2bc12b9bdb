package dev.aegisvm.daemon.instance;

/** What has to be done because of a transition. The first three change the record; the others take their time. */
public sealed interface Effect {
    record SetEnabled(boolean enabled) implements Effect {}

    record NoteExit(int code) implements Effect {}

    record NoteStop(String reason) implements Effect {}

    /** Boot a VM; reports {@code Booted} or {@code BootFailed}, once. */
    record Boot() implements Effect {}

    /** Make the boot fail soon. */
    record AbortBoot() implements Effect {}

    /** Report the end of the main process and of the VM. */
    record Watch(LiveVm vm) implements Effect {}

    /** Shut the VM down in an orderly way; its end is reported by the watch. */
    record Halt(LiveVm vm) implements Effect {}

    /** End the VM at once; its end is reported by the watch. */
    record Kill(LiveVm vm) implements Effect {}

    record Freeze(LiveVm vm) implements Effect {}

    record Thaw(LiveVm vm) implements Effect {}

    /** Remove disk, logs and record of an instance without a VM; reports {@code Removed}. */
    record Remove() implements Effect {}

    /** Kill the VM, then remove. */
    record Destroy(LiveVm vm) implements Effect {}
}
