package dev.aegisvm.image.rootfs;

import dev.aegisvm.host.Program;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.Inode.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;

/** Makes an EROFS image of a merged tree: {@code mkfs.erofs} reads a tar, so nothing is unpacked on the host. */
final class Erofs {
    /** Every disk of a VM is a sparse file of this size, so that one template fits all of them. */
    static final long DEVICE_SIZE = 64L << 30;

    private static final int PIPE_BUFFER = 1024 * 1024;
    private static final int MAX_OUTPUT = 2000;

    private Erofs() {}

    /** Writes the image; returns how many bytes it has, before it is stretched to the size of a device. */
    static long write(Node root, Path image) throws IOException, ImageException {
        Process mkfs = start(image);
        FutureTask<String> words = new FutureTask<>(() -> output(mkfs.getInputStream()));
        Thread.ofVirtual().name("mkfs.erofs").start(words);
        IOException broken = null;
        try (OutputStream pipe = new java.io.BufferedOutputStream(mkfs.getOutputStream(), PIPE_BUFFER);
                RootTar tar = new RootTar(pipe)) {
            tar.write(root);
        } catch (IOException e) {
            broken = e;
        }
        if (broken != null) {
            mkfs.destroy();
        }
        int status = waitFor(mkfs);
        if (status != 0 || broken != null) {
            throw new ImageException(
                    ImageException.Reason.STORAGE,
                    "mkfs.erofs could not make the image (status " + status + "): " + said(words),
                    "check that the cache's file system has space",
                    broken);
        }
        long size = Files.size(image);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(DEVICE_SIZE);
        }
        return size;
    }

    private static Process start(Path image) throws IOException, ImageException {
        try {
            ProcessBuilder builder = Program.prepared(List.of(
                    "mkfs.erofs",
                    "--quiet",
                    "-U",
                    "5ae91500-0000-4000-8000-000000000002",
                    "--tar=f",
                    // Writes each file's bytes at once instead of collecting them first.
                    "--sort=none",
                    "-E^inline_data",
                    image.toString()));
            String temporary = System.getenv("TMPDIR");
            if (temporary != null) {
                builder.environment().put("TMPDIR", temporary);
            }
            return builder.start();
        } catch (IOException e) {
            throw new ImageException(
                    ImageException.Reason.STORAGE, "mkfs.erofs cannot be run", "install the package erofs-utils", e);
        }
    }

    private static int waitFor(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while mkfs.erofs ran", e);
        }
    }

    private static String output(InputStream in) throws IOException {
        String text = new String(in.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8).strip();
        in.transferTo(OutputStream.nullOutputStream());
        return text;
    }

    private static String said(FutureTask<String> words) {
        try {
            String text = words.get();
            return text.isEmpty() ? "it printed nothing" : text;
        } catch (java.util.concurrent.ExecutionException e) {
            return "its output is lost";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "its output is lost";
        }
    }
}
