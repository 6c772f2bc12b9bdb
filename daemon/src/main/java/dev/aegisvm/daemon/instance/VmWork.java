package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.InstanceView.BootView;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** What takes time with the VM of one instance. Each call returns at once; the end of the work is reported as an event. */
public interface VmWork {
    /** Makes the work of each instance. */
    @FunctionalInterface
    interface Factory {
        /**
         * For one instance.
         *
         * @param requested {@link System#nanoTime} when the instance was asked for; 0 when it is from an earlier daemon
         * @param report takes the events
         */
        VmWork of(InstanceSpec spec, long requested, Consumer<InstanceEvent> report);
    }

    /** Gives an ephemeral instance to a client; false when it belongs to another already. */
    boolean own(Owner client);

    /** Whether it is an ephemeral instance that has no client yet: it boots when it has. */
    boolean awaitsOwner();

    /** The memory that the host has to have for a boot, and what it has; both in MiB. */
    record Shortage(long needed, long available) {}

    /** What the host lacks for a boot; empty when one can begin, or when nobody knows. */
    Optional<Shortage> shortage();

    /** Reports {@code Booted} or {@code BootFailed}, once. */
    void boot();

    /** Makes the boot fail soon. */
    void abortBoot();

    /** Reports the end of the main process, and the end of the VM. */
    void watch(LiveVm vm);

    /** Shuts the VM down in an orderly way. */
    void halt(LiveVm vm);

    /** Ends the VM at once. */
    void kill(LiveVm vm);

    /** Reports {@code Frozen} or {@code FreezeFailed}. */
    void freeze(LiveVm vm);

    /** Reports {@code Thawed} or {@code ThawFailed}. */
    void thaw(LiveVm vm);

    /** The VM is gone: removes what it leaves, but for the disk. */
    void stopped();

    /** Ends the VM if there is one, and removes everything that belongs to the instance; reports {@code Removed}. */
    void remove(Optional<LiveVm> vm);

    /** How the latest boot went. */
    Optional<BootView> lastBoot();

    /** What its disk takes on the host. */
    OptionalLong diskBytes();
}
