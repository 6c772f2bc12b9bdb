package dev.aegisvm.vmm.qemu;

/**
 * What runs the guest's instructions.
 *
 * @param name {@code kvm} or {@code tcg}
 * @param tscKhz the rate of the time stamp counter that an emulated guest sees, which is the host's; 0 when unknown
 */
record Accelerator(String name, long tscKhz) {
    static final Accelerator KVM = new Accelerator("kvm", 0);
    static final Accelerator TCG = new Accelerator("tcg", 0);

    Accelerator {
        if (!name.equals("kvm") && !name.equals("tcg")) {
            throw new IllegalArgumentException("unknown accelerator '" + name + "': use kvm or tcg");
        }
    }

    boolean emulated() {
        return name.equals("tcg");
    }

    /** The full binary: Debian's microvm-only build has no emulation. */
    String binary() {
        return "qemu-system-x86_64";
    }

    /** The value of {@code -accel}. The translation cache counts as a VM's own memory, so it is capped. */
    String option() {
        return emulated() ? "tcg,thread=multi,tb-size=64" : "kvm";
    }

    /** The value of {@code -cpu}. Emulated string instructions copy byte by byte, so guests are not told of fast ones. */
    String cpu() {
        return emulated() ? "max,erms=off,fsrm=off" : "host";
    }
}
