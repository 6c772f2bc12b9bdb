package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.vmm.*;

/**
 * What the starts of VMs have to know of their surroundings.
 *
 * @param cache the directory for templates; several homes may share it
 * @param verdicts this user's directory for what was found out about KVM; all homes and caches share it
 * @param runDirectory the daemon's directory for sockets, short and its own
 * @param scratch the daemon's directory for files that come and go, on the file system of the instances' disks
 * @param templateLimit how many shapes (memory, vCPUs) keep a template; the least recently used goes
 * @param accelerator {@code kvm} or {@code tcg} to use it untried; empty to find out by a trial boot
 * @param tscMeter a program that prints the rate of the host's time stamp counter in kHz
 * @param diskSizeMb size in MiB of the file system that a template's disk has
 * @param spares how many machines are kept for starts to come; only emulation has a use for them
 * @param spareFits whether the host has the memory for a machine that no start waits for
 * @param log takes one line for each thing that takes longer than a moment or goes another way than planned
 */
public record StartSettings(
        GuestImage image,
        Path cache,
        Path verdicts,
        Path runDirectory,
        Path scratch,
        int templateLimit,
        Optional<String> accelerator,
        Path tscMeter,
        int diskSizeMb,
        int spares,
        Predicate<VmShape> spareFits,
        Consumer<String> log) {
    /** What a guest of the base image boots. */
    Template.Kind base(VmShape shape, Accelerator accelerator) {
        return new Template.Kind(shape, image, accelerator);
    }
}
