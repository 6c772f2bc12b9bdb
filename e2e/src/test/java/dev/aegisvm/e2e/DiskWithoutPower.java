package dev.aegisvm.e2e;

import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.testkit.Tool;

/**
 * A file system whose power can be cut: what has not reached its device is lost, the page cache of the host's kernel included. It
 * is ext4 in a loop device, and only root can mount it.
 */
final class DiskWithoutPower implements AutoCloseable {
    /** FS_IOC_SHUTDOWN with FS_SHUTDOWN_FLAGS_NOLOGFLUSH: from this moment on nothing is written. */
    private static final String CUT =
            "import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

    private final Path image;
    private final Path mountPoint;

    /** @param mountPoint a directory to be made, which the file system covers */
    DiskWithoutPower(Path mountPoint, int megabytes) throws IOException {
        this.mountPoint = Files.createDirectory(mountPoint);
        image = Files.createTempFile("aegis-power", ".img");
        Tool.run("truncate", "-s", megabytes + "M", image.toString());
        Tool.run("mke2fs", "-q", "-t", "ext4", "-m", "0", image.toString());
        mount();
        Files.delete(mountPoint.resolve("lost+found"));
    }

    private void mount() throws IOException {
        Tool.run("mount", "-o", "loop", image.toString(), mountPoint.toString());
        Files.setPosixFilePermissions(mountPoint, PosixFilePermissions.fromString("rwx------"));
    }

    /** Cuts the power, and kills these processes. */
    void cut(Collection<Long> pids) throws IOException {
        Tool.run("python3", "-c", CUT, mountPoint.toString());
        for (long pid : pids) {
            ProcessHandle.of(pid).ifPresent(process -> {
                process.destroyForcibly();
                process.onExit().join();
            });
        }
    }

    /** Mounts it again, as the next boot of the host does: ext4 replays its journal. */
    void powerOn() throws IOException {
        unmount();
        mount();
    }

    private void unmount() {
        // The kernel closes the files of a dead process one by one.
        await().ignoreExceptions()
                .until(() -> Tool.run("umount", mountPoint.toString()).isEmpty());
    }

    @Override
    public void close() throws IOException {
        unmount();
        Files.delete(image);
    }
}
