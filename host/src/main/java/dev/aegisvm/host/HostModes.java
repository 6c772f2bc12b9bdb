package dev.aegisvm.host;

import module java.base;

/** Permissions as a number and as Java has them. */
public final class HostModes {
    /** In the order of the bits, the highest first: Java declares them so. */
    private static final List<PosixFilePermission> ALL = List.of(PosixFilePermission.values());

    private static final int HIGHEST = 0400;

    private HostModes() {}

    /** The permissions of a mode; its other bits, setuid among them, count for nothing. */
    public static Set<PosixFilePermission> of(int mode) {
        return ALL.stream().filter(each -> (mode & bit(each)) != 0).collect(Collectors.toSet());
    }

    public static int of(Set<PosixFilePermission> permissions) {
        return permissions.stream().mapToInt(HostModes::bit).sum();
    }

    private static int bit(PosixFilePermission permission) {
        return HIGHEST >> ALL.indexOf(permission);
    }
}
