package dev.aegisvm.vmm.qemu;

import dev.aegisvm.host.Processor;
import io.avaje.jsonb.Json;

/**
 * What runs the guest's instructions.
 *
 * @param name {@code kvm} or {@code tcg}
 * @param tscKhz the rate of the time stamp counter that an emulated guest sees, which is the host's; 0 when unknown
 */
public record Accelerator(String name, long tscKhz) {
    static final Accelerator KVM = new Accelerator("kvm", 0);
    static final Accelerator TCG = new Accelerator("tcg", 0);

    public Accelerator {
        if (!name.equals("kvm") && !name.equals("tcg")) {
            throw new IllegalArgumentException("unknown accelerator '" + name + "': use kvm or tcg");
        }
    }

    /**
     * Which accelerator was chosen and why, as {@link Verdicts} keep it for the next start and for the doctor.
     *
     * @param boot of the host, the only one for which it holds
     * @param toTell what the user has not been told of it yet; empty when there is nothing
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Verdict(String accelerator, String reason, String boot, long tscKhz, String toTell) {
        Verdict told() {
            return new Verdict(accelerator, reason, boot, tscKhz, "");
        }
    }

    boolean emulated() {
        return name.equals("tcg");
    }

    /** The value of {@code -accel}. The translation cache counts as a VM's own memory, so it is capped. */
    String option() {
        return emulated() ? "tcg,thread=multi,tb-size=64" : "kvm";
    }

    /**
     * The value of {@code -cpu}. Emulated string instructions copy byte by byte, so guests are not told of fast ones; pointers
     * are signed in QEMU's own way, which is faster.
     */
    String cpu(Processor processor) {
        String emulatedCpu = processor == Processor.X86_64 ? "max,erms=off,fsrm=off" : "max,pauth-impdef=on";
        return emulated() ? emulatedCpu : "host";
    }
}
