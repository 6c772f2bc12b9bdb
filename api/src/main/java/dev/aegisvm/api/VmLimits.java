package dev.aegisvm.api;

import module java.base;

/** What a VM may be given. */
public final class VmLimits {
    /** Memory in MiB is a power of two between these. */
    public static final int MIN_MEMORY_MB = 256;

    public static final int MAX_MEMORY_MB = 65_536;
    public static final int MAX_VCPUS = 16;

    /** Room for a journal and a few files. */
    public static final int MIN_DISK_MB = 64;

    /** The device of every instance has this size. */
    public static final int MAX_DISK_MB = 65_536;
    /** How long one request can keep an instance awake. */
    public static final Duration MAX_KEEPALIVE = Duration.ofHours(24);

    private VmLimits() {}
}
