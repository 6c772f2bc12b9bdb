package dev.aegisvm.image.layout;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Limits;
import dev.aegisvm.image.Platform;
import dev.aegisvm.image.oci.ImageSource;
import dev.aegisvm.image.rootfs.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The images in a file: an archive of {@code docker save} or of an OCI layout, compressed or not. */
public final class Archive implements AutoCloseable {
    private static final int MAGIC = 4;
    private static final int BUFFER = 256 * 1024;

    private final Blobs.ArchiveBlobs blobs;
    private final List<Named> images;

    /**
     * An image of the archive.
     *
     * @param names what it is called there; may be empty
     */
    public record Named(ImageSource source, List<String> names) {}

    private Archive(Blobs.ArchiveBlobs blobs, List<Named> images) {
        this.blobs = blobs;
        this.images = images;
    }

    /**
     * Works in a directory.
     *
     * @param scratch a directory for the decompressed archive, which the caller deletes
     */
    public static Archive open(Path file, Path scratch, Limits limits, Platform platform)
            throws ImageException, IOException {
        Blobs.ArchiveBlobs blobs = new Blobs.ArchiveBlobs(plain(file, scratch, limits));
        try {
            List<Named> images = new ArrayList<>();
            if (blobs.has(DockerArchive.MANIFEST)) {
                for (DockerArchive image : DockerArchive.in(blobs, platform)) {
                    images.add(new Named(image, image.names()));
                }
            } else if (blobs.has(LayoutSource.INDEX)) {
                layout(blobs, file, platform, images);
            } else {
                throw ImageException.broken(
                        file + " is neither an OCI layout nor an archive of docker save: it has no index.json and no"
                                + " manifest.json");
            }
            return new Archive(blobs, List.copyOf(images));
        } catch (ImageException | IOException e) {
            blobs.close();
            throw e;
        }
    }

    private static void layout(Blobs.ArchiveBlobs blobs, Path file, Platform platform, List<Named> images)
            throws ImageException, IOException {
        LayoutSource whole = new LayoutSource(blobs, file.toString(), Optional.empty(), platform);
        List<String> names = whole.names();
        if (names.size() < 2) {
            images.add(new Named(whole, names));
            return;
        }
        for (String name : names) {
            LayoutSource one = new LayoutSource(blobs, file.toString(), Optional.of(name), platform);
            images.add(new Named(one, List.of(name)));
        }
    }

    /** The archive itself, or a decompressed copy of it. */
    private static Path plain(Path file, Path scratch, Limits limits) throws ImageException, IOException {
        try (InputStream in = Files.newInputStream(file)) {
            if (!Compression.isCompressed(in.readNBytes(MAGIC))) {
                return file;
            }
        }
        Path plain = Files.createTempFile(scratch, "archive-", ".tar");
        try (InputStream in = Compression.undo(Files.newInputStream(file));
                OutputStream out = Files.newOutputStream(plain)) {
            byte[] buffer = new byte[BUFFER];
            long left = limits.bytes();
            int read;
            while ((read = in.read(buffer)) > 0) {
                left -= read;
                if (left < 0) {
                    throw ImageException.tooLarge(
                            file + " becomes larger than " + (limits.bytes() >> 20) + " MB when it is decompressed");
                }
                out.write(buffer, 0, read);
            }
        }
        return plain;
    }

    public List<Named> images() {
        return images;
    }

    @Override
    public void close() throws IOException {
        blobs.close();
    }
}
