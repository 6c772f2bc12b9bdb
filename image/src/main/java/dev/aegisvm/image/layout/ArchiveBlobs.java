package dev.aegisvm.image.layout;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.apache.commons.compress.utils.BoundedSeekableByteChannelInputStream;

/** The files in an uncompressed tar archive, read where they are. */
final class ArchiveBlobs implements Blobs, AutoCloseable {
    /** Old archives have a layer that two images share as a link. */
    private static final int LINKS = 8;

    private final TarFile tar;
    private final FileChannel channel;
    private final Map<String, TarArchiveEntry> entries = new HashMap<>();

    ArchiveBlobs(Path file) throws ImageException, IOException {
        try {
            channel = FileChannel.open(file);
            tar = new TarFile(channel);
        } catch (IllegalArgumentException malformed) {
            throw ImageException.broken("the archive is no valid tar: " + malformed.getMessage());
        }
        for (TarArchiveEntry entry : tar.getEntries()) {
            entries.put(normal(entry.getName()), entry);
        }
    }

    /** Streams are read at the same time: those of the library move the position of the one file and lose their own. */
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
        for (int i = 0; i < LINKS; i++) {
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
