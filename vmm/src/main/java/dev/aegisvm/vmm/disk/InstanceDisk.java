package dev.aegisvm.vmm.disk;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/**
 * The raw image file that holds what an instance writes: a sparse file of one size for all, with an ext4 file system of
 * the instance's own size in it. The device looks the same to every guest, so that one template fits them all.
 */
public final class InstanceDisk {
    /** Size in bytes of every disk image file; almost all of it is a hole. */
    public static final long DEVICE_BYTES = 64L << 30;

    /** Largest file system in MiB that fits on the device. */
    public static final int MAX_SIZE_MB = (int) (DEVICE_BYTES >> 20);

    private InstanceDisk() {}

    /**
     * Makes a disk with an empty file system. Inode tables are left to the kernel, which is told not to fill them in
     * the background either ({@code noinit_itable}): this takes milliseconds, and an idle guest stays idle. Without
     * {@code orphan_file}, of which each mount reads every block: on a small disk that is most of what a mount takes.
     *
     * @param sizeMb size of the file system in MiB, 16 to {@link #MAX_SIZE_MB}
     */
    public static void create(Path disk, int sizeMb) throws VmmException {
        if (sizeMb < 16 || sizeMb > MAX_SIZE_MB) {
            throw new VmmException(
                    "a disk must have 16.." + MAX_SIZE_MB + " MB, not " + sizeMb, "Choose another disk size.");
        }
        Path unfinished = unfinished(disk);
        try {
            SparseFile.create(unfinished, DEVICE_BYTES);
            String options = "-q -F -t ext4 -m 0 -O ^orphan_file -E nodiscard,lazy_itable_init=1,lazy_journal_init=1";
            List<String> command = new ArrayList<>(List.of("mke2fs"));
            command.addAll(List.of(options.split(" ")));
            command.addAll(List.of(unfinished.toString(), sizeMb + "M"));
            Program.run(command);
            Files.move(unfinished, disk);
        } catch (IOException e) {
            throw failed("make the disk " + disk, e, unfinished);
        }
    }

    /**
     * Refuses a disk that was cut short or is no file: no machine can start with it, and none of what the machine
     * starts from is to blame. A disk that is not there will be made, unless there are overlays over it.
     */
    public static void requireWhole(Path disk) throws VmmException {
        try {
            BasicFileAttributes found = Files.readAttributes(disk, BasicFileAttributes.class);
            if (!found.isRegularFile() || found.size() != DEVICE_BYTES) {
                throw new VmmException(
                        "the disk " + disk + " is damaged: it has " + found.size() + " bytes instead of "
                                + DEVICE_BYTES,
                        "Restore that file from a backup, or delete the instance; other instances are not affected.");
            }
        } catch (NoSuchFileException none) {
            return;
        } catch (IOException e) {
            throw new VmmException(
                    "cannot read the disk " + disk + ": " + HostError.reason(e),
                    "Make the daemon's user the owner of that file.",
                    e);
        }
    }

    /** The files of an instance's disk, the last of which has no other name ({@link DiskChain#own}). */
    public static List<Path> files(Path disk, Layers layers, long bytes) throws VmmException {
        try {
            return new DiskChain(disk).own(layers, bytes);
        } catch (IOException e) {
            throw failed("use the disk " + disk, e, unfinished(disk));
        }
    }

    /** Makes a disk that a VM has had one raw file ({@link DiskChain#flatten}). */
    public static void flatten(Path disk, Layers layers, long bytes, Path scratch) throws VmmException {
        try {
            if (Files.exists(disk)) {
                new DiskChain(disk).flatten(layers, bytes, scratch);
            }
        } catch (IOException e) {
            throw failed("make one file of the disk " + disk, e, unfinished(disk));
        }
    }

    /** Removes what a daemon that was killed while it made this disk left of it. */
    public static void removeUnfinished(Path disk) throws IOException {
        Files.deleteIfExists(unfinished(disk));
    }

    public static void copy(Path from, Path to) throws VmmException {
        Path unfinished = unfinished(to);
        try {
            SparseFile.copy(from, unfinished);
            Files.move(unfinished, to);
        } catch (IOException e) {
            throw failed("copy the disk " + from + " to " + to, e, unfinished);
        }
    }

    private static Path unfinished(Path disk) {
        return new DiskChain(disk).unfinished();
    }

    private static VmmException failed(String doing, IOException cause, Path unfinished) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return VmmException.storage(doing, cause);
    }

    /** Deletes a disk that no VM has used; does nothing where there is none. */
    public static void delete(Path disk) throws VmmException {
        try {
            Files.deleteIfExists(disk);
        } catch (IOException e) {
            throw VmmException.storage("delete the unused disk", e);
        }
    }
}
