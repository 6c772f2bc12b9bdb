package dev.aegisvm.daemon.boot;

import java.util.OptionalLong;

/** How much memory the host could give to new processes. */
@FunctionalInterface
public interface HostMemory {
    /** MiB that are available without swapping; empty when that is not known. */
    OptionalLong availableMb();
}
