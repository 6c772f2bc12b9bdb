package dev.aegisvm.daemon.create;

import module java.base;
import dev.aegisvm.api.*;
import org.jspecify.annotations.Nullable;

/**
 * The sizes that VMs may have, and those they get when nothing is said.
 *
 * @param memoryMb default memory in MiB, a step as {@link #memory} explains
 * @param vcpus default number of virtual CPUs, 1..{@value VmLimits#MAX_VCPUS}
 * @param diskMb default size in MiB of the file system on an instance's own disk, {@value
 *     VmLimits#MIN_DISK_MB}..diskMaxMb
 * @param diskMaxMb the largest that a client may ask for
 * @param hostMb memory of this host in MiB; empty when it is not known
 */
public record Sizes(int memoryMb, int vcpus, int diskMb, int diskMaxMb, OptionalLong hostMb) {
    /** What a client asked for, or what holds. Memory comes in few steps because each needs a template of its own. */
    int memory(@Nullable Integer asked, int otherwise) {
        int value = asked == null ? otherwise : checkMemory(asked);
        if (value > hostMb.orElse(value)) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "memory_mb is " + value + ", but this host has " + hostMb.getAsLong() + " MB",
                    "ask for less memory; the default is 512 MB");
        }
        return value;
    }

    static int vcpus(@Nullable Integer asked, int otherwise) {
        return asked == null ? otherwise : checkVcpus(asked);
    }

    int disk(@Nullable Integer asked) {
        return asked == null ? diskMb : checkDisk(asked, diskMaxMb);
    }

    private static int checkMemory(int value) {
        if (value < VmLimits.MIN_MEMORY_MB || value > VmLimits.MAX_MEMORY_MB || Integer.bitCount(value) != 1) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "memory_mb must be one of 256, 512, 1024, 2048, … " + VmLimits.MAX_MEMORY_MB + ", not " + value);
        }
        return value;
    }

    private static int checkVcpus(int value) {
        if (value < 1 || value > VmLimits.MAX_VCPUS) {
            throw ErrorCode.BAD_REQUEST.refusal("vcpus must be 1.." + VmLimits.MAX_VCPUS + ", not " + value);
        }
        return value;
    }

    private static int checkDisk(int value, int most) {
        if (value < VmLimits.MIN_DISK_MB || value > most) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "disk_mb must be " + VmLimits.MIN_DISK_MB + ".." + most + ", not " + value,
                    "the maximum is disk_max_mb in config.toml");
        }
        return value;
    }
}
