package dev.aegisvm.image.rootfs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The contents of a layer's files, one after the other without names, so that they can be taken in any order. */
final class ContentFile implements AutoCloseable {
    private static final int BUFFER = 256 * 1024;

    private final Path path;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private long length;

    ContentFile(Path path) throws IOException {
        this.path = path;
        this.out = new BufferedOutputStream(Files.newOutputStream(path), BUFFER);
    }

    /** Appends all that a stream has. */
    Inode.Content.File append(InputStream in) throws IOException {
        long start = length;
        int read;
        while ((read = in.read(buffer)) > 0) {
            out.write(buffer, 0, read);
            length += read;
        }
        return new Inode.Content.File(path, start, length - start);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
