package dev.aegisvm.vmm;

import module java.base;

/**
 * What the daemon asks for when it starts a VM.
 *
 * @param id names the VM in process titles and error texts
 * @param root the root file system, an EROFS image as large as the base image; absent: the base image
 * @param disk the instance's own disk (a raw image); made when it does not exist, but for a snapshot
 * @param diskSizeMb size in MiB of the file system on a disk that is made
 * @param runDirectory an existing directory of this VM alone for its sockets; short enough for a socket's path
 * @param shares what the guest can mount, all of it by one name ({@link GuestDevices#shares})
 * @param snapshot a directory that {@link Vm#snapshot} filled: the VM goes on from there, with a disk that begins with
 *     the same files
 * @param ended is told the name of each stage of the start when that ends, such as {@code spawn}
 * @param notices is told, in a sentence each, what happens to the VM from outside while it runs
 */
public record VmSpec(
        String id,
        VmShape shape,
        Optional<Path> root,
        Path disk,
        int diskSizeMb,
        Path runDirectory,
        boolean network,
        List<Share> shares,
        Optional<Path> snapshot,
        Consumer<String> ended,
        Consumer<String> notices) {
    public VmSpec {
        shares = List.copyOf(shares);
    }

    /** That of a machine that is no instance's. */
    public static VmSpec ofNone(String id, VmShape shape, Path disk, int diskSizeMb, Path runDirectory) {
        return new VmSpec(
                id,
                shape,
                Optional.empty(),
                disk,
                diskSizeMb,
                runDirectory,
                false,
                List.of(),
                Optional.empty(),
                _ -> {},
                _ -> {});
    }

    /** How much of its disk the guest can reach. */
    public long diskBytes() {
        return (long) diskSizeMb << 20;
    }

    public Set<Capability> needs() {
        Set<Capability> needs = EnumSet.noneOf(Capability.class);
        add(needs, Capability.BOOT_FROM_DISK_LAYERS, Files.exists(disk));
        add(needs, Capability.LAYERED_DISK, Files.exists(Layers.of(disk, 1)));
        add(needs, Capability.IMAGE_ROOT, root.isPresent());
        add(needs, Capability.SHARE, !shares.isEmpty());
        add(needs, Capability.NETWORK, network);
        add(needs, Capability.SNAPSHOT, snapshot.isPresent());
        return needs;
    }

    private static void add(Set<Capability> needs, Capability capability, boolean needed) {
        if (needed) {
            needs.add(capability);
        }
    }

    /**
     * A directory of the host that a guest can mount. Nothing outside it can be reached through it, and what the guest
     * makes in it belongs to the user who runs the hypervisor.
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
}
