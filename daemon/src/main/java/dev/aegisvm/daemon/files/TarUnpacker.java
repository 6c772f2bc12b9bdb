package dev.aegisvm.daemon.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileFailure.Reason;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import org.apache.commons.compress.archivers.tar.*;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a tar stream into a directory of a guest, as one of its users: what is made belongs to that user. A file
 * takes the place of another as a whole; a directory may exist. Permissions are those of the stream, without setuid,
 * setgid and sticky, and a directory stays one that its owner can write to. A hard link becomes a file of its own.
 */
public final class TarUnpacker {
    private static final String NO_TAR =
            "the upload is not a tar stream, or is cut short; if it is compressed, decompress it first";

    private static final int PERMISSIONS = 0777;
    /** Else nothing could be put into it. */
    private static final int OWNER_CAN_WRITE = 0300;

    private static final int PIECE = 64 * 1024;
    private static final int MAX_REMEMBERED = 10_000;

    private final GuestFiles files;
    private final GuestPath into;
    private final byte[] piece = new byte[PIECE];
    private final Set<String> there = new HashSet<>();

    private long written;
    private long directories;
    private long symlinks;
    private long bytes;

    /** Looks whether the directory is there. */
    public TarUnpacker(GuestFiles files, GuestPath into) throws IOException {
        this.files = files;
        this.into = into;
        if (files.stat(into.value(), true).kind() != FileKind.DIRECTORY) {
            throw FileFailure.because(Reason.NOT_A_DIRECTORY, "unpack into " + into);
        }
    }

    /**
     * Unpacks all of it.
     *
     * @throws MalformedTarException when it is no tar stream, or one with what cannot be unpacked
     * @throws FileFailure when the guest refuses
     */
    public CopyView unpack(InputStream stream) throws IOException {
        // Not closed: the stream is the caller's.
        TarArchiveInputStream tar = new TarArchiveInputStream(stream, UTF_8.name());
        for (TarArchiveEntry entry = next(tar); entry != null; entry = next(tar)) {
            List<String> parts = parts(entry.getName());
            if (!parts.isEmpty()) {
                unpack(tar, entry, parts);
            }
        }
        // What may follow the end of the archive is padding.
        stream.transferTo(OutputStream.nullOutputStream());
        return new CopyView(written, directories, symlinks, bytes);
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar) throws MalformedTarException {
        try {
            TarArchiveEntry entry = tar.getNextEntry();
            if (entry == null || entry.isCheckSumOK()) {
                return entry;
            }
        } catch (IOException | IllegalArgumentException broken) {
            throw new MalformedTarException(NO_TAR, broken);
        }
        throw new MalformedTarException(NO_TAR);
    }

    /** The components of a name, which lead nowhere but down; a leading slash counts for nothing. */
    private static List<String> parts(String name) throws MalformedTarException {
        List<String> parts = new ArrayList<>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..") || part.indexOf('\0') >= 0) {
                throw new MalformedTarException("a path in the tar stream leads outside its target: '" + name + "'");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    private void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, List<String> parts) throws IOException {
        GuestPath path = place(parts);
        if (entry.isDirectory()) {
            makeDirectory(path, OptionalInt.of((entry.getMode() & PERMISSIONS) | OWNER_CAN_WRITE));
            directories++;
            return;
        }
        if (parts.size() > 1) {
            makeDirectory(place(parts.subList(0, parts.size() - 1)), OptionalInt.empty());
        }
        if (entry.isSymbolicLink()) {
            makeSymlink(path, entry.getLinkName());
            symlinks++;
        } else if (entry.isLink()) {
            copy(place(parts(entry.getLinkName())), path, entry);
            written++;
        } else if (isFile(entry) && tar.canReadEntryData(entry)) {
            write(content(tar, entry), path, entry);
            written++;
        } else {
            throw new MalformedTarException("the tar stream has '" + entry.getName()
                    + "', which is not a file, directory or link: FIFOs and devices cannot be copied");
        }
    }

    private static boolean isFile(TarArchiveEntry entry) {
        return entry.isFile() && !entry.isFIFO() && !entry.isCharacterDevice() && !entry.isBlockDevice();
    }

    private GuestPath place(List<String> parts) {
        return into.resolve(String.join("/", parts));
    }

    private void makeDirectory(GuestPath path, OptionalInt mode) throws IOException {
        if (there.contains(path.value())) {
            return;
        }
        files.makeDirectory(path.value(), mode, true);
        if (there.size() == MAX_REMEMBERED) {
            there.clear();
        }
        there.add(path.value());
    }

    private void makeSymlink(GuestPath path, String target) throws IOException {
        try {
            files.makeSymlink(path.value(), target);
        } catch (FileFailure failure) {
            if (failure.reason() != Reason.EXISTS) {
                throw failure;
            }
            files.remove(path.value(), false);
            files.makeSymlink(path.value(), target);
        }
    }

    private void copy(GuestPath from, GuestPath to, TarArchiveEntry entry) throws IOException {
        try (FileContent content = files.read(from.value(), 0, Optional.empty())) {
            write(content.in(), to, entry);
        }
    }

    private void write(InputStream content, GuestPath path, TarArchiveEntry entry) throws IOException {
        OptionalInt mode = OptionalInt.of(entry.getMode() & PERMISSIONS);
        Optional<Instant> modified = Optional.of(entry.getLastModifiedTime().toInstant());
        try (FileReplacement replacement = files.write(path.value(), mode, modified)) {
            OutputStream out = replacement.out();
            for (int count = content.read(piece); count >= 0; count = content.read(piece)) {
                out.write(piece, 0, count);
                bytes += count;
            }
            replacement.finish();
        }
    }

    /** The content of an entry; that it is cut short is the client's doing. */
    private static InputStream content(TarArchiveInputStream tar, TarArchiveEntry entry) {
        return new FilterInputStream(tar) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                try {
                    return tar.read(target, offset, length);
                } catch (IOException broken) {
                    throw new MalformedTarException("the tar stream is cut short in '" + entry.getName() + "'", broken);
                }
            }
        };
    }

    /** What a client sent is no tar stream that can be unpacked. */
    public static final class MalformedTarException extends IOException {
        public MalformedTarException(String sentence) {
            super(sentence.replaceAll("\\p{Cntrl}", "?"));
        }

        MalformedTarException(String sentence, Throwable cause) {
            super(sentence.replaceAll("\\p{Cntrl}", "?"), cause);
        }
    }
}
