package dev.aegisvm.vmm.qemu;

import dev.aegisvm.vmm.disk.DiskChain;
import io.avaje.jsonb.*;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that QEMU shows to a guest as a block device. The same JSON stands on the command line ({@code -blockdev}) and
 * goes to the monitor ({@code blockdev-add}), so that a disk is the same whichever way it came.
 *
 * @param discard what becomes of blocks that the guest gives back; absent where it cannot
 * @param size how many bytes the guest can reach; absent for all of the file
 * @param backing what shows through where nothing was written
 */
@Json
public record BlockNode(
        String driver,
        @Json.Property("node-name") String nodeName,
        @Json.Property("read-only") boolean readOnly,
        @Nullable String discard,
        @Nullable Long size,
        Storage file,
        @Nullable BlockNode backing) {

    /**
     * What it is in.
     *
     * @param locking {@code off} where it is no matter whether others have it open; absent where one alone may write
     */
    @Json
    public record Storage(
            String driver, String filename, @Nullable String locking) {
        /**
         * That of a file which never changes. A machine that wrote it once may still hold its lock, and who broke into
         * one that reads it could hold one for ever.
         */
        static Storage fixed(Path file) {
            return new Storage("file", file.toString(), "off");
        }
    }

    static BlockNode image(String nodeName, Path file) {
        return new BlockNode("raw", nodeName, true, null, null, Storage.fixed(file), null);
    }

    /**
     * An instance's disk. A restored guest takes it for as large as that of its template. What lies behind its own file
     * system is an input/output error, whatever program in the guest tries.
     *
     * @param files of which it is made, the oldest first; an overlay is as large as the guest's part of it
     */
    static BlockNode disk(String nodeName, List<Path> files, long bytes) {
        Long size = bytes < DiskChain.DEVICE_BYTES ? bytes : null;
        if (files.size() == 1) {
            return new BlockNode("raw", nodeName, false, "unmap", size, storage(files.getFirst()), null);
        }
        BlockNode below =
                layers(nodeName, image(nodeName + "-0", files.getFirst()), files.subList(1, files.size() - 1));
        return new BlockNode("qcow2", nodeName, false, "unmap", null, storage(files.getLast()), below);
    }

    /** A raw file that can be written to, and layers over it that are only read. */
    static BlockNode written(String nodeName, Path raw, List<Path> layers) {
        return layers(nodeName, new BlockNode("raw", nodeName, false, "unmap", null, storage(raw), null), layers);
    }

    private static BlockNode layers(String nodeName, BlockNode first, List<Path> files) {
        BlockNode top = first;
        for (int i = 0; i < files.size(); i++) {
            String name = nodeName + "-" + (i + 1);
            top = new BlockNode("qcow2", name, true, null, null, Storage.fixed(files.get(i)), top);
        }
        return top;
    }

    /** An overlay that nothing is below yet. */
    static BlockNode overlay(String nodeName, Path file) {
        return new BlockNode("qcow2", nodeName, false, "unmap", null, storage(file), null);
    }

    String json() {
        return Jsonb.instance().toJson(this);
    }

    private static Storage storage(Path file) {
        return new Storage("file", file.toString(), null);
    }
}
