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

    /** Names what is needed and missing: the first in the enum's order, so that a request has one reason always. */
    public Optional<VmmException> lack(Set<Capability> needed) {
        return Stream.of(Capability.values())
                .filter(each -> needed.contains(each) && !has(each))
                .findFirst()
                .map(each -> new VmmException("this backend (" + backend + ") cannot " + each.ability, each.hint));
    }

    /** Refuses what cannot be done, by what is {@link #lack lacking}. */
    public void require(Set<Capability> needed) throws VmmException {
        Optional<VmmException> lack = lack(needed);
        if (lack.isPresent()) {
            throw lack.get();
        }
    }
}
