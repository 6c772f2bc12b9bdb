package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * The sizes that VMs may have, and those they get when nothing is said.
 *
 * @param memoryMb default memory in MiB, a step as {@link #memory} explains
 * @param vcpus default number of virtual CPUs, 1..{@value #MOST_VCPUS}
 * @param diskMb size in MiB of the file system on an instance's own disk
 */
public record Sizes(int memoryMb, int vcpus, int diskMb) {
    private static final int LEAST_MEMORY_MB = 256;
    private static final int MOST_MEMORY_MB = 65_536;
    private static final int MOST_VCPUS = 16;
    private static final int LEAST_DISK_MB = 64;
    private static final int MOST_DISK_MB = 65_536;

    /** Checks the defaults as if a client had asked for them. */
    public Sizes {
        checkMemory(memoryMb);
        checkVcpus(vcpus);
    }

    /** What a client asked for, or the default. Memory comes in few steps because each needs a template of its own. */
    int memory(@Nullable Integer asked) {
        return asked == null ? memoryMb : checkMemory(asked);
    }

    int vcpus(@Nullable Integer asked) {
        return asked == null ? vcpus : checkVcpus(asked);
    }

    /** A size that the file system cannot be smaller than and stay of use, up to that of the device. */
    int disk(@Nullable Integer asked) {
        if (asked == null) {
            return diskMb;
        }
        if (asked < LEAST_DISK_MB || asked > MOST_DISK_MB) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST, "disk_mb is " + LEAST_DISK_MB + ".." + MOST_DISK_MB + ", not " + asked);
        }
        return asked;
    }

    private static int checkMemory(int value) {
        if (value < LEAST_MEMORY_MB || value > MOST_MEMORY_MB || Integer.bitCount(value) != 1) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST,
                    "memory_mb is one of 256, 512, 1024, 2048, … " + MOST_MEMORY_MB + ", not " + value);
        }
        return value;
    }

    private static int checkVcpus(int value) {
        if (value < 1 || value > MOST_VCPUS) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "vcpus is 1.." + MOST_VCPUS + ", not " + value);
        }
        return value;
    }
}
