package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.host.Program;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.Inode.Node;

/** Makes an EROFS image of a merged tree: {@code mkfs.erofs} reads a tar, so nothing is unpacked on the host. */
final class Erofs {
    /** Every disk of a VM is a sparse file of this size, so that one template fits all of them. */
    static final long DEVICE_SIZE = 64L << 30;

    /** Half a kilobyte for each file of the largest image. */
    private static final long MAX_MEMORY = 768L << 20;

    private static final int PIPE_BUFFER = 1024 * 1024;
    private static final int MAX_MESSAGE = 2000;

    private Erofs() {}

    /** Writes the image; returns how many bytes it has, before it is stretched to the size of a device. */
    static long write(Node root, Path image, Path scratch) throws IOException, ImageException {
        Path output = scratch.resolve("mkfs.erofs.log");
        Process mkfs = start(image, output, scratch);
        Optional<IOException> broken = Optional.empty();
        try (OutputStream pipe = new BufferedOutputStream(mkfs.getOutputStream(), PIPE_BUFFER);
                RootTar tar = new RootTar(pipe)) {
            tar.write(root);
        } catch (IOException e) {
            broken = Optional.of(e);
            mkfs.destroy();
        } catch (ImageException refused) {
            mkfs.destroyForcibly();
            throw refused;
        }
        int status = mkfs.onExit().join().exitValue();
        if (status != 0 || broken.isPresent()) {
            String message = Files.readString(output).strip();
            throw new ImageException(
                    ImageException.Reason.STORAGE,
                    "mkfs.erofs could not make the image (status " + status + "): "
                            + message.substring(0, Math.min(message.length(), MAX_MESSAGE)),
                    "check that the cache's file system has space",
                    broken.orElse(null));
        }
        long size = Files.size(image);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(DEVICE_SIZE);
        }
        return size;
    }

    private static Process start(Path image, Path output, Path scratch) throws ImageException {
        try {
            Path mkfs = Program.find("mkfs.erofs").orElseThrow(() -> new IOException("it is not installed"));
            ProcessBuilder builder = Program.prepared(List.of(
                    "prlimit",
                    "--as=" + MAX_MEMORY,
                    mkfs.toString(),
                    "--quiet",
                    "-U",
                    "5ae91500-0000-4000-8000-000000000002",
                    "--tar=f",
                    // Writes each file's bytes at once instead of collecting them first.
                    "--sort=none",
                    "-E^inline_data",
                    image.toString()));
            builder.environment().put("TMPDIR", scratch.toString());
            return builder.redirectOutput(output.toFile()).start();
        } catch (IOException e) {
            throw new ImageException(
                    ImageException.Reason.STORAGE, "mkfs.erofs cannot be run", "install the package erofs-utils", e);
        }
    }
}
