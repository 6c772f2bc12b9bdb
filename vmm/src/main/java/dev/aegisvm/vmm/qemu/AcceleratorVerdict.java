package dev.aegisvm.vmm.qemu;

import io.avaje.jsonb.Json;

/**
 * The accelerator that was chosen and why, as kept in {@code accelerator.json} for the next start and for
 * {@code aegis doctor}.
 *
 * @param accelerator {@code kvm} or {@code tcg}
 * @param reason one sentence
 * @param validFor what the verdict holds for: this boot of the host, this QEMU, this kernel
 * @param tscKhz rate of the host's time stamp counter in kHz, for emulated guests; 0 when not measured
 * @param qemuVersion as QEMU prints it, such as {@code 10.0.13}
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record AcceleratorVerdict(String accelerator, String reason, String validFor, long tscKhz, String qemuVersion) {}
