package dev.aegisvm.vmm.fake;

import module java.base;
import dev.aegisvm.vmm.*;

/**
 * What a fake hypervisor is like.
 *
 * @param dials whether its guests connect to the host, and do so again whenever the connection is lost
 * @param ending what a guest does to end its VM; the other leaves the VM halted, its process alive
 */
public record Profile(Capabilities capabilities, boolean dials, Ending ending) {
    /** How a guest's kernel can leave. */
    public enum Ending {
        POWER_OFF,
        REBOOT
    }

    /** A machine such as QEMU's: one channel for its whole life, and disks of several files. */
    public static final Profile QEMU = of("fake", EnumSet.allOf(Capability.class), false, Ending.POWER_OFF);

    /**
     * A smaller one, such as Firecracker's: snapshots, each of which breaks the channel; no network interface, no shared
     * directory, and raw disks alone, which are found by fixed names in the VM's own directory.
     */
    public static final Profile SMALL = of(
            "small",
            EnumSet.of(
                    Capability.PAUSE_RESUME,
                    Capability.BOOT_FROM_DISK_LAYERS,
                    Capability.IMAGE_ROOT,
                    Capability.SNAPSHOT),
            true,
            Ending.REBOOT);

    /** The same machine without one of its capabilities. */
    public Profile without(Capability lacking) {
        Set<Capability> rest = EnumSet.copyOf(capabilities.present());
        rest.remove(lacking);
        return of(capabilities.backend(), rest, dials, ending);
    }

    private static Profile of(String backend, Set<Capability> present, boolean dials, Ending ending) {
        String shares = present.contains(Capability.SHARE) ? "share" : "none";
        Capabilities capabilities = new Capabilities(
                backend,
                present,
                new GuestDevices("vda", "vdb", shares),
                dials ? Duration.ofSeconds(2) : Duration.ZERO,
                FakeVmm.LAYERS,
                Set.of("fake-vm", "fake-network"));
        return new Profile(capabilities, dials, ending);
    }

    public boolean has(Capability capability) {
        return capabilities.has(capability);
    }

    /** For what is tested on both. */
    public static List<Profile> all() {
        return List.of(QEMU, SMALL);
    }

    @Override
    public String toString() {
        return capabilities.backend();
    }
}
