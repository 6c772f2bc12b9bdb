package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.guest.GuestFiles;
import java.io.IOException;

/** A guest that reads an instance's disk: the host itself never reads a file system that a guest has written. */
public interface DiskView extends AutoCloseable {
    GuestFiles files();

    /** Ends it, and removes the disk. */
    @Override
    void close();

    /** How one comes to be. */
    @FunctionalInterface
    interface Opening {
        /**
         * Blocks until the guest answers.
         *
         * @param spec of an instance that nobody knows of, which has its disk; the disk is removed, also when this
         *     fails
         */
        DiskView open(InstanceSpec spec) throws IOException;
    }
}
