package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.daemon.instance.VmWork;
import dev.aegisvm.host.Machine;

/**
 * Whether the host has the memory for one more VM. VMs may be promised more than there is, since few use all of theirs:
 * a quarter of the promise has to be there, and what the host needs for itself. No VM may be promised more than the
 * host has.
 *
 * @param available MiB that the host could give to new processes without swapping; empty when that is not known
 * @param whole MiB that the host has; empty when that is not known
 */
public record Admission(Supplier<OptionalLong> available, OptionalLong whole) {
    private static final long RESERVE_MB = 1024;
    private static final int SHARE = 4;

    public static Admission of(Machine host) {
        return new Admission(host::availableMemoryMb, host.memoryMb());
    }

    /** What the host lacks for a VM with this much memory; empty when it has it, or when that is not known. */
    Optional<VmWork.Shortage> shortage(int memoryMb) {
        if (memoryMb > whole.orElse(memoryMb)) {
            return Optional.of(new VmWork.Shortage(memoryMb, whole.getAsLong()));
        }
        long needed = RESERVE_MB + Math.ceilDiv(memoryMb, SHARE);
        OptionalLong left = available.get();
        return left.isEmpty() || left.getAsLong() >= needed
                ? Optional.empty()
                : Optional.of(new VmWork.Shortage(needed, left.getAsLong()));
    }

    public boolean admits(int memoryMb) {
        return shortage(memoryMb).isEmpty();
    }
}
