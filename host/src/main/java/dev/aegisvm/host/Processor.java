package dev.aegisvm.host;

import module java.base;

/** A kind of processor that a host may have, and its guests with it. */
public enum Processor {
    X86_64(0x10000, 0x20000),
    AARCH64(0x4000, 0x8000);

    /** Flags of open(2), which Linux numbers for each processor. */
    final int directory, noFollow;

    Processor(int directory, int noFollow) {
        this.directory = directory;
        this.noFollow = noFollow;
    }

    public static Processor ours() {
        return System.getProperty("os.arch", "").equals("aarch64") ? AARCH64 : X86_64;
    }

    /** Its name in those of programs and directories. */
    public String gnuName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
