package dev.aegisvm.vmm.start;

import io.avaje.jsonb.Json;

/**
 * What runs the guest's instructions.
 *
 * @param name {@code kvm} or {@code tcg}
 * @param tscKhz the rate of the time stamp counter that an emulated guest sees, which is the host's; 0 when unknown
 */
public record Accelerator(String name, long tscKhz) {
    static final Accelerator KVM = new Accelerator("kvm", 0);

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

    public boolean emulated() {
        return name.equals("tcg");
    }

    /** The rate differs by a few ppm from one measurement to the next; the host's processor stands for it. */
    Accelerator unmeasured() {
        return new Accelerator(name, 0);
    }
}
