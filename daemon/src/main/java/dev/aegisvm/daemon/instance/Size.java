package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import io.avaje.jsonb.Json;

/**
 * How large an instance is.
 *
 * @param memoryMb memory of its VM in MiB, a step as {@link Limits} explains
 * @param vcpus 1..{@value VmLimits#MAX_VCPUS}
 * @param diskMb size in MiB of the file system on its own disk
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Size(int memoryMb, int vcpus, int diskMb) {
    void show(InstanceViewBuilder view) {
        view.memoryMb(memoryMb).vcpus(vcpus).diskMb(diskMb);
    }

    /**
     * The sizes that instances may have. Memory comes in few steps because each needs a template of its own.
     *
     * @param usual what they have when nothing is said
     * @param hostMb memory of this host in MiB; empty when it is not known
     */
    public record Limits(Size usual, int diskMaxMb, OptionalLong hostMb) {
        /** What a request asks for, and what holds where it says nothing. */
        public Size asked(CreateInstance request, Size otherwise) {
            int memory = Objects.requireNonNullElse(request.memoryMb(), otherwise.memoryMb);
            int vcpus = Objects.requireNonNullElse(request.vcpus(), otherwise.vcpus);
            int disk = Objects.requireNonNullElse(request.diskMb(), otherwise.diskMb);
            if (memory != otherwise.memoryMb
                    && (memory < VmLimits.MIN_MEMORY_MB
                            || memory > VmLimits.MAX_MEMORY_MB
                            || Integer.bitCount(memory) != 1)) {
                throw ErrorCode.BAD_REQUEST.refusal("memory_mb must be one of 256, 512, 1024, 2048, … "
                        + VmLimits.MAX_MEMORY_MB + ", not " + memory);
            }
            if (memory > hostMb.orElse(memory)) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "memory_mb is " + memory + ", but this host has " + hostMb.getAsLong() + " MB",
                        "ask for less memory; the default is 512 MB");
            }
            if (vcpus < 1 || vcpus > VmLimits.MAX_VCPUS) {
                throw ErrorCode.BAD_REQUEST.refusal("vcpus must be 1.." + VmLimits.MAX_VCPUS + ", not " + vcpus);
            }
            if (disk != otherwise.diskMb && (disk < VmLimits.MIN_DISK_MB || disk > diskMaxMb)) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "disk_mb must be " + VmLimits.MIN_DISK_MB + ".." + diskMaxMb + ", not " + disk,
                        "the maximum is disk_max_mb in config.toml");
            }
            return new Size(memory, vcpus, disk);
        }
    }
}
