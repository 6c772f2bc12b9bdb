package dev.aegisvm.host;

import module java.base;

/** Permissions as a number and as Java has them. */
public final class HostModes {
    private static final int HIGHEST = 0400;

    private HostModes() {}

    /** The permissions of a mode; its other bits, setuid among them, count for nothing. */
    public static Set<PosixFilePermission> of(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.allOf(PosixFilePermission.class);
        permissions.removeIf(each -> (mode & bit(each)) == 0);
        return permissions;
    }

    public static int of(Set<PosixFilePermission> permissions) {
        return permissions.stream().mapToInt(HostModes::bit).sum();
    }

    /** Java declares them in the order of the bits, that of the highest first. */
    private static int bit(PosixFilePermission permission) {
        return HIGHEST >> permission.compareTo(PosixFilePermission.OWNER_READ);
    }
}
