package dev.aegisvm.vmm;

import module java.base;

/**
 * The files that a disk has beyond its first, which is raw: each has what was written since the one below it became
 * part of a snapshot. What they are made of is a backend's. One whose machines read raw files alone has those of
 * another, so that disks which came from there can be made raw.
 */
public interface Layers {
    /** The name of the layer with this number, from 1 on, of the disk whose first file this is. */
    static Path of(Path disk, int number) {
        return disk.resolveSibling(disk.getFileName() + "." + number);
    }

    /**
     * Makes an empty one, which is on the host's disk afterwards.
     *
     * @param bytes how much of the disk the guest can reach
     */
    void create(Path file, long bytes) throws IOException;

    /**
     * Refuses a file that {@link #create} did not make with this size, whatever was written to it since; it leads to no
     * other file then.
     */
    void requireSound(Path file, long bytes) throws IOException;

    /**
     * Writes what layers have into the raw file that is to be below them. They are not changed.
     *
     * @param files sound ones, the lowest first
     * @param scratch a directory for sockets, with a short path
     * @throws VmmException if the program that reads them is missing
     */
    void apply(List<Path> files, Path raw, Path scratch) throws IOException, VmmException;
}
