package dev.aegisvm.daemon.boot;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.instance.InstanceSpec;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether the host has the memory for one more VM. VMs may be promised more than there is, since few use all of theirs: a
 * quarter of the promise has to be there, and what the host needs for itself.
 */
public final class Admission {
    private static final long RESERVE_MB = 1024;
    private static final int SHARE = 4;

    private final HostMemory memory;

    public Admission(HostMemory memory) {
        this.memory = memory;
    }

    /** Why an instance cannot be started now; empty when it can, or when nobody knows. */
    Optional<ApiException> refusal(InstanceSpec spec) {
        OptionalLong available = memory.availableMb();
        if (suffices(available, spec.memoryMb())) {
            return Optional.empty();
        }
        return Optional.of(new ApiException(
                ErrorCode.HOST_MEMORY_LOW,
                "the host is short of memory: instance '" + spec.hostname() + "' (" + spec.memoryMb() + " MB) needs "
                        + needed(spec.memoryMb()) + " MB available to start, and there are "
                        + available.orElse(0),
                "stop an instance ('aegis instance list --running'), or ask for less memory"));
    }

    /** Whether a VM with this much memory could be started now. */
    public boolean admits(int memoryMb) {
        return suffices(memory.availableMb(), memoryMb);
    }

    private static boolean suffices(OptionalLong available, int memoryMb) {
        return available.isEmpty() || available.getAsLong() >= needed(memoryMb);
    }

    private static long needed(int memoryMb) {
        return RESERVE_MB + Math.ceilDiv(memoryMb, SHARE);
    }
}
