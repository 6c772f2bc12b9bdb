package dev.aegisvm.vmm.qemu;

import dev.aegisvm.vmm.disk.InstanceDisk;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that QEMU shows to a guest as a block device. The same JSON stands on the command line ({@code -blockdev}) and goes
 * to the monitor ({@code blockdev-add}), so that a disk is the same whichever way it came.
 *
 * @param discard what becomes of blocks that the guest gives back; absent where it cannot
 * @param size how many bytes the guest can reach; absent for all of the file
 */
@Json
public record BlockNode(
        String driver,
        @Json.Property("node-name") String nodeName,
        @Json.Property("read-only") boolean readOnly,
        @Nullable String discard,
        @Nullable Long size,
        Storage file) {

    @Json
    public record Storage(String driver, String filename) {}

    static BlockNode image(String nodeName, Path file) {
        return new BlockNode("raw", nodeName, true, null, null, storage(file));
    }

    /**
     * An instance's disk. A restored guest takes it for as large as that of its template. What lies behind its own file
     * system is an input/output error to it, whoever in the guest tries.
     */
    static BlockNode disk(String nodeName, Path file, long bytes) {
        Long size = bytes < InstanceDisk.DEVICE_BYTES ? bytes : null;
        return new BlockNode("raw", nodeName, false, "unmap", size, storage(file));
    }

    String json() {
        return Jsonb.instance().toJson(this);
    }

    private static Storage storage(Path file) {
        return new Storage("file", file.toString());
    }
}
