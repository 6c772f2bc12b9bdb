package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;
import org.apache.commons.compress.archivers.tar.*;
import org.jspecify.annotations.Nullable;

/**
 * Finds the files in an archive, a tar that may be compressed. Only its headers are read; the files stay where they
 * are, or in a decompressed copy.
 */
public final class ArchiveReader {
    /** In the scratch directory. */
    public static final String DECOMPRESSED = "archive.tar";

    /** An image has two or three for each layer. */
    public static final int MAX_FILES = 20_000;

    private static final int MAX_LINKS = 8;

    private final Path archive;
    private final long length;
    private final Budget budget;
    private final Map<String, Blob> files = new LinkedHashMap<>();
    private final Map<String, String> links = new LinkedHashMap<>();

    private ArchiveReader(Path archive, Budget budget) throws IOException {
        this.archive = archive;
        this.length = Files.size(archive);
        this.budget = budget;
    }

    /** The regular files by their names, which have no {@code ..} and no slash in front; decompressed into scratch. */
    public static Map<String, Blob> files(Path file, Path scratch, Budget budget) throws IOException {
        Path tar = plain(Blob.of(file), scratch, budget);
        if (!begins(tar)) {
            throw new ImageException(
                    ImageException.Reason.BROKEN,
                    file + " is not a tar archive",
                    "use a file written by docker save, podman save or skopeo copy");
        }
        ArchiveReader reader = new ArchiveReader(tar, budget);
        reader.readAll();
        reader.followLinks();
        return reader.files;
    }

    /** Whether a file begins with the header of a tar, or with nothing but zeros, as an empty one does. */
    private static boolean begins(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] header = in.readNBytes(LayerBytes.BLOCK);
            return header.length == LayerBytes.BLOCK
                    && (TarUtils.verifyCheckSum(header) || Arrays.equals(header, new byte[LayerBytes.BLOCK]));
        } catch (IllegalArgumentException noNumber) {
            return false;
        }
    }

    /** The archive itself, or a decompressed copy of it. */
    private static Path plain(Blob archive, Path scratch, Budget budget) throws IOException {
        if (Compression.of(archive) == Compression.NONE) {
            return archive.file();
        }
        Path plain = scratch.resolve(DECOMPRESSED);
        try (InputStream compressed = archive.open();
                InputStream in = Compression.undo(compressed, budget)) {
            Files.copy(in, plain);
        }
        return plain;
    }

    private void readAll() throws IOException {
        long at = 0;
        for (int count = 0; at < length; count++) {
            if (count > MAX_FILES) {
                throw ImageException.tooLarge("the archive has more than " + MAX_FILES + " files");
            }
            at = readOne(at);
        }
    }

    /** Where the next header is; at the end, the archive's length. */
    private long readOne(long at) throws IOException {
        try (LayerBytes bytes = new LayerBytes(new Blob(archive, at, length - at, false).open())) {
            bytes.headersBegin();
            // The names of images' files are text.
            @SuppressWarnings("resource")
            TarArchiveInputStream tar = new TarArchiveInputStream(bytes, StandardCharsets.UTF_8.name());
            TarArchiveEntry entry = next(tar);
            if (entry == null) {
                return length;
            }
            long data = at + bytes.position();
            // A directory has none, whatever it says.
            long size = entry.isDirectory() ? 0 : entry.getSize();
            if (size < 0 || size > length - data) {
                throw ImageException.broken("the archive ends in the middle of its file " + entry.getName());
            }
            add(entry, data, size);
            return data + (size + LayerBytes.BLOCK - 1) / LayerBytes.BLOCK * LayerBytes.BLOCK;
        }
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar) throws ImageException {
        try {
            return tar.getNextEntry();
        } catch (IllegalArgumentException | IOException malformed) {
            throw ImageException.in(malformed)
                    .orElseGet(
                            () -> ImageException.broken("the archive is not a valid tar: " + malformed.getMessage()));
        } catch (StackOverflowError nested) {
            throw ImageException.broken("the archive is not a valid tar: its headers are nested too deep");
        }
    }

    private void add(TarArchiveEntry entry, long data, long size) throws ImageException {
        EntryName name = EntryName.of(entry.getName());
        budget.text(name.path().length() + entry.getLinkName().length());
        files.remove(name.path());
        links.remove(name.path());
        if (entry.isLink()) {
            links.put(name.path(), EntryName.of(entry.getLinkName()).path());
        } else if (entry.isSymbolicLink()) {
            EntryName target = name.sibling(entry.getLinkName());
            links.put(name.path(), EntryName.of(target.path()).path());
        } else if (entry.isSparse()) {
            throw ImageException.broken("the archive's file " + name + " is sparse, which is not supported");
        } else if (entry.isFile()) {
            files.put(name.path(), new Blob(archive, data, size, false));
        }
    }

    /** In old archives, a layer that two images share is a link. One that leads nowhere is no file. */
    private void followLinks() throws ImageException {
        for (String name : List.copyOf(links.keySet())) {
            String target = name;
            for (int steps = 0; links.containsKey(target); steps++) {
                if (steps > MAX_LINKS) {
                    throw ImageException.broken("the archive's link " + name + " is part of a loop");
                }
                target = links.getOrDefault(target, "");
            }
            Blob file = files.get(target);
            if (file != null) {
                files.put(name, file);
            }
        }
    }
}
