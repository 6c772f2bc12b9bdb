package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.guest.GuestFiles;
import java.io.IOException;

/**
 * A guest that reads an instance's disk: the host itself never reads a file system that a guest has written.
 *
 * @param end ends it, and removes the disk
 */
public record DiskView(GuestFiles files, Runnable end) {
    @FunctionalInterface
    public interface Opening {
        /** Reads that of an instance without a record; blocks, and removes the disk if that fails. */
        DiskView open(InstanceSpec spec) throws IOException;
    }
}
