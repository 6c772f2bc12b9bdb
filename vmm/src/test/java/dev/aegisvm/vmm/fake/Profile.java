package dev.aegisvm.vmm.fake;

import module java.base;
import dev.aegisvm.vmm.Capabilities;
import dev.aegisvm.vmm.Capability;

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

    /** A machine such as QEMU's: one channel for its whole life. */
    public static final Profile QEMU = new Profile(
            new Capabilities("fake", EnumSet.complementOf(EnumSet.of(Capability.SNAPSHOT))), false, Ending.POWER_OFF);

    /**
     * A smaller one, such as Firecracker's: snapshots, each of which breaks the channel; no network interface, no shared
     * directory, and disks that are found by fixed names in the VM's own directory.
     */
    public static final Profile SMALL = new Profile(
            new Capabilities(
                    "small",
                    EnumSet.of(
                            Capability.PAUSE_RESUME,
                            Capability.BOOT_FROM_DISK_LAYERS,
                            Capability.IMAGE_ROOT,
                            Capability.SNAPSHOT)),
            true,
            Ending.REBOOT);

    /** The same machine without one of its capabilities. */
    public Profile without(Capability lacking) {
        Set<Capability> rest = EnumSet.copyOf(capabilities.present());
        rest.remove(lacking);
        return able(rest);
    }

    /** The same machine with another capability. */
    public Profile with(Capability more) {
        Set<Capability> all = EnumSet.copyOf(capabilities.present());
        all.add(more);
        return able(all);
    }

    private Profile able(Set<Capability> all) {
        return new Profile(new Capabilities(capabilities.backend(), all), dials, ending);
    }
}
