package dev.aegisvm.image.layout;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.oci.ReadThrough;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.commons.compress.utils.BoundedSeekableByteChannelInputStream;

/** Files by their names, in a directory or in an archive. */
interface Blobs {
    /** Opens a file. The name comes from the image's documents and is not trusted. */
    InputStream open(String name) throws ImageException, IOException;

    /** The same; tells how many bytes were read. */
    default InputStream open(String name, LongConsumer progress) throws ImageException, IOException {
        return new ReadThrough(open(name)) {
            @Override
            public int read(byte[] buffer, int offset, int count) throws IOException {
                int read = super.read(buffer, offset, count);
                if (read > 0) {
                    progress.accept(read);
                }
                return read;
            }
        };
    }

    boolean has(String name) throws ImageException, IOException;

    long size(String name) throws ImageException, IOException;

    default byte[] read(String name, int limit) throws ImageException, IOException {
        try (InputStream in = open(name)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw ImageException.tooLarge(name + " in the image is larger than " + limit + " bytes");
            }
            return bytes;
        }
    }

    /** The files in an uncompressed tar archive, read in place. */
    static final class ArchiveBlobs implements Blobs, AutoCloseable {
        /** In old archives, a layer that two images share is a link. */
        private static final int MAX_LINKS = 8;

        private final TarFile tar;
        private final FileChannel channel;
        private final Map<String, TarArchiveEntry> entries = new HashMap<>();

        ArchiveBlobs(Path file) throws ImageException, IOException {
            try {
                channel = FileChannel.open(file);
                tar = new TarFile(channel);
            } catch (IllegalArgumentException malformed) {
                throw ImageException.broken("the archive is not a valid tar: " + malformed.getMessage());
            }
            for (TarArchiveEntry entry : tar.getEntries()) {
                entries.put(normal(entry.getName()), entry);
            }
        }

        /** The library's own streams cannot be read at the same time: they share the position of one file. */
        @Override
        public InputStream open(String name) throws ImageException, IOException {
            TarArchiveEntry entry = find(name);
            if (entry.isSparse()) {
                throw ImageException.broken("the archive's file " + name + " is sparse");
            }
            return new BoundedSeekableByteChannelInputStream(entry.getDataOffset(), entry.getSize(), channel);
        }

        @Override
        public boolean has(String name) {
            return entries.containsKey(normal(name));
        }

        @Override
        public long size(String name) throws ImageException {
            return find(name).getSize();
        }

        private TarArchiveEntry find(String name) throws ImageException {
            String at = normal(name);
            for (int i = 0; i < MAX_LINKS; i++) {
                TarArchiveEntry entry = entries.get(at);
                if (entry == null) {
                    throw ImageException.broken("the archive has no file " + name);
                }
                if (entry.isSymbolicLink()) {
                    at = normal(at.substring(0, at.lastIndexOf('/') + 1) + entry.getLinkName());
                } else if (entry.isLink()) {
                    at = normal(entry.getLinkName());
                } else {
                    return entry;
                }
            }
            throw ImageException.broken("the archive's links to " + name + " do not end");
        }

        private static String normal(String name) {
            return Path.of("/" + name.replace('\0', '?')).normalize().toString().substring(1);
        }

        @Override
        public void close() throws IOException {
            tar.close();
        }
    }

    /** The files of a layout in a directory. */
    record DirectoryBlobs(Path directory) implements Blobs {
        @Override
        public InputStream open(String name) throws ImageException, IOException {
            return Files.newInputStream(path(name));
        }

        @Override
        public boolean has(String name) throws ImageException {
            return Files.isRegularFile(path(name));
        }

        @Override
        public long size(String name) throws ImageException, IOException {
            return Files.size(path(name));
        }

        private Path path(String name) throws ImageException {
            Path path = directory.resolve(name).normalize();
            if (!path.startsWith(directory)) {
                throw ImageException.broken("the layout names a file outside its directory: " + name);
            }
            return path;
        }
    }
}
