package dev.aegisvm.vmm;

import module java.base;

/**
 * What one backend can do. Whatever is asked of a backend is held against this here, and nowhere else.
 *
 * @param backend its name, as {@code GET /v1/status} shows it
 */
public record Capabilities(String backend, Set<Capability> present) {
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
