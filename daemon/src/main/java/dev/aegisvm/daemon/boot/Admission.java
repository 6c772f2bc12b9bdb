package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.daemon.instance.VmWork;

/**
 * Whether the host has the memory for one more VM. VMs may be promised more than there is, since few use all of theirs: a
 * quarter of the promise has to be there, and what the host needs for itself.
 *
 * @param memory MiB that the host could give to new processes without swapping; empty when that is not known
 */
public record Admission(Supplier<OptionalLong> memory) {
    private static final long RESERVE_MB = 1024;
    private static final int SHARE = 4;

    /** What the host lacks for a VM with this much memory; empty when it has it, or when nobody knows. */
    Optional<VmWork.Shortage> shortage(int memoryMb) {
        OptionalLong available = memory.get();
        return available.isEmpty() || available.getAsLong() >= needed(memoryMb)
                ? Optional.empty()
                : Optional.of(new VmWork.Shortage(needed(memoryMb), available.getAsLong()));
    }

    public boolean admits(int memoryMb) {
        return shortage(memoryMb).isEmpty();
    }

    private static long needed(int memoryMb) {
        return RESERVE_MB + Math.ceilDiv(memoryMb, SHARE);
    }
}
