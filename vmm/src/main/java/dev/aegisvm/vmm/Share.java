package dev.aegisvm.vmm;

import java.nio.file.Path;

/**
 * A directory of the host that a guest can mount. Nothing outside it can be reached through it, and what the guest makes
 * in it belongs to the user who runs the hypervisor.
 *
 * @param directory an existing directory, without a symbolic link in its path
 * @param readOnly the guest cannot change it; the host sees to that
 */
public record Share(Path directory, boolean readOnly) {
    /** By which name the guest finds one of several in what it mounts; the first is 0. */
    public static String name(int index) {
        return Integer.toString(index);
    }
}
