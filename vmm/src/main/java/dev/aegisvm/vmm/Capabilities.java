package dev.aegisvm.vmm;

import module java.base;

/**
 * What is the same for all VMs of one backend. Whatever is asked of a backend is held against what it can do here, and
 * nowhere else.
 *
 * @param backend its name, as {@code GET /v1/status} shows it
 * @param channelReturns how long to wait for another {@link Vm#channel} when one is lost before the VM counts as lost
 *     too; zero: a guest connects once
 * @param layers what disks are made of beyond their first file
 * @param processNames what the names of the processes that it starts on the host begin with: by these, left ones are
 *     found
 */
public record Capabilities(
        String backend,
        Set<Capability> present,
        GuestDevices devices,
        Duration channelReturns,
        Layers layers,
        Set<String> processNames) {
    public Capabilities {
        present = Set.copyOf(present);
    }

    public boolean has(Capability capability) {
        return present.contains(capability);
    }

    /**
     * Refuses what cannot be done.
     *
     * @throws VmmException that names the first capability that is needed and missing
     */
    public void require(Set<Capability> needed) throws VmmException {
        // In the order of the enum, so that the same request is always refused for the same reason.
        for (Capability capability : EnumSet.allOf(Capability.class)) {
            if (needed.contains(capability) && !has(capability)) {
                throw new VmmException("this backend (" + backend + ") cannot " + capability.ability, capability.hint);
            }
        }
    }
}
