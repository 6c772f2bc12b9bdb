package dev.aegisvm.image;

import module java.base;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A layer, entry by entry. */
final class TarOf {
    private static final long TIME = 1_700_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar;

    TarOf() {
        tar = new TarArchiveOutputStream(bytes, StandardCharsets.ISO_8859_1.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    TarOf directory(String name, int mode) throws IOException {
        return entry(new TarArchiveEntry(name + "/", TarConstants.LF_DIR), mode, new byte[0]);
    }

    TarOf file(String name, String content) throws IOException {
        return file(name, 0644, content.getBytes(StandardCharsets.UTF_8));
    }

    TarOf file(String name, int mode, byte[] content) throws IOException {
        return entry(new TarArchiveEntry(name, TarConstants.LF_NORMAL, true), mode, content);
    }

    TarOf owned(String name, long uid, long gid) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
        entry.setUserId(uid);
        entry.setGroupId(gid);
        return entry(entry, 04755, "owned".getBytes(StandardCharsets.UTF_8));
    }

    TarOf xattr(String name, String attribute, String value) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
        entry.addPaxHeader("SCHILY.xattr." + attribute, value);
        return entry(entry, 0755, "with attributes".getBytes(StandardCharsets.UTF_8));
    }

    TarOf symlink(String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK, true);
        entry.setLinkName(target);
        return entry(entry, 0777, new byte[0]);
    }

    TarOf hardLink(String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_LINK, true);
        entry.setLinkName(target);
        return entry(entry, 0644, new byte[0]);
    }

    TarOf device(String name, int major, int minor) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_CHR, true);
        entry.setDevMajor(major);
        entry.setDevMinor(minor);
        return entry(entry, 0600, new byte[0]);
    }

    TarOf fifo(String name) throws IOException {
        return entry(new TarArchiveEntry(name, TarConstants.LF_FIFO, true), 0640, new byte[0]);
    }

    private TarOf entry(TarArchiveEntry entry, int mode, byte[] content) throws IOException {
        entry.setMode(mode);
        entry.setSize(content.length);
        entry.setLastModifiedTime(FileTime.from(TIME, TimeUnit.SECONDS));
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
        return this;
    }

    byte[] bytes() throws IOException {
        tar.close();
        return bytes.toByteArray();
    }
}
