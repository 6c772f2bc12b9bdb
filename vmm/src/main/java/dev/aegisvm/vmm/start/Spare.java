package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.*;

/**
 * A machine that waits, frozen, for a new instance of the base image. It was restored from the mounted template and has run a few
 * processes, so the emulator has translated what a start runs. Disk, clock and identity come later.
 *
 * @param directory of its own, with its sockets
 * @param disk begins as that of the template, and becomes the instance's
 */
record Spare(VmShape shape, Machine machine, Path directory, Path disk) {
    /** Whether it can still be used; one that waits may be killed from outside. */
    boolean alive() {
        return !machine.exit().isDone();
    }

    /** Lets the machine go on, with its disk in an instance's place. */
    void wake(Path place) throws IOException {
        Files.move(disk, place, StandardCopyOption.ATOMIC_MOVE);
        if (!machine.process().kill(Posix.SIGCONT)) {
            throw new IOException("its process has ended");
        }
    }

    void discard() {
        machine.discard();
        removeFiles();
    }

    void removeFiles() {
        try {
            PrivateDirectory.remove(directory);
            Files.deleteIfExists(disk);
        } catch (IOException gone) {
            // At its end the daemon removes all such files.
        }
    }
}
