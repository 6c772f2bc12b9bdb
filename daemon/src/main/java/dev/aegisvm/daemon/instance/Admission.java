package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
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
        long needed = RESERVE_MB + Math.ceilDiv(spec.memoryMb(), SHARE);
        OptionalLong available = memory.availableMb();
        if (available.isEmpty() || available.getAsLong() >= needed) {
            return Optional.empty();
        }
        return Optional.of(new ApiException(
                ErrorCode.HOST_MEMORY_LOW,
                "the host is short of memory: instance '" + spec.hostname() + "' (" + spec.memoryMb() + " MB) needs "
                        + needed + " MB available to start, and there are " + available.getAsLong(),
                "stop an instance ('aegis instance list --running'), or ask for less memory"));
    }
}
