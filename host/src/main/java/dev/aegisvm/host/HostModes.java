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
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < ALL.size(); i++) {
            if ((mode & HIGHEST >> i) != 0) {
                permissions.add(ALL.get(i));
            }
        }
        return permissions;
    }

    public static int of(Set<PosixFilePermission> permissions) {
        return permissions.stream()
                .mapToInt(each -> HIGHEST >> ALL.indexOf(each))
                .sum();
    }
}
