package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.InstanceView.BootView;
import org.jspecify.annotations.Nullable;

/** Slow work with an instance's VM. Each call returns at once; the end of the work is reported as an event. */
public interface VmWork {
    @FunctionalInterface
    interface Factory {
        /** For an instance that was asked for then (0: by an earlier daemon); the consumer gets the events. */
        VmWork of(InstanceSpec spec, long requested, Consumer<InstanceEvent> report);
    }

    /** Gives an ephemeral instance to a client; false when it belongs to another already. */
    boolean own(Owner client);

    /** Its next boot, and no other, goes on from what the snapshot of a VM is; null: from its disk. */
    void resumeFrom(@Nullable Path directory);

    /** Whether it is an ephemeral instance that has no client yet: it boots when it has. */
    boolean awaitsOwner();

    /** The memory that the host has to have for a boot, and what it has; both in MiB. */
    record Shortage(long needed, long available) {}

    /** What the host lacks for a VM of so many MiB; empty when it can boot, or when that is not known. */
    Optional<Shortage> shortage(int memoryMb);

    /** Boots it as it is from now on; reports {@code Booted} or {@code BootFailed}, once. */
    void boot(InstanceSpec spec, PublicPorts.Caller instance);

    /** Does all else, each as its effect says. */
    void begin(Effect.Slow work);

    /** The VM is gone: removes what it leaves, but for the disk. */
    void stopped();

    Optional<BootView> lastBoot();

    Optional<Long> diskBytes();
}
