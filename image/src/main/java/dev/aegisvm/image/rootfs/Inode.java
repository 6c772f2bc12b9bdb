package dev.aegisvm.image.rootfs;

import module java.base;

/**
 * The file behind a name in the image. Hard links share one, so it is compared by identity.
 *
 * @param mode the lower twelve bits
 * @param mtime seconds since 1970
 */
record Inode(Content content, int mode, long uid, long gid, long mtime, Map<String, byte[]> xattrs) {
    boolean isDirectory() {
        return content instanceof Content.Directory;
    }

    /** The names in a directory; immutable and empty for other files. */
    Map<String, Inode> children() {
        return content instanceof Content.Directory(Map<String, Inode> children) ? children : Map.of();
    }

    /** What is in its place when a layer puts another one there: a directory keeps its names. */
    Inode replacedBy(Inode other) {
        return isDirectory() && other.isDirectory()
                ? new Inode(content, other.mode, other.uid, other.gid, other.mtime, other.xattrs)
                : other;
    }

    /** A directory that no layer describes, but that contains something. */
    static Inode impliedDirectory() {
        return new Inode(new Content.Directory(), 0755, 0, 0, 0, Map.of());
    }

    sealed interface Content {
        record Directory(Map<String, Inode> children) implements Content {
            /** An empty one. */
            Directory() {
                this(new HashMap<>(4));
            }
        }

        /** A regular file; its bytes are a part of a file on the host. */
        record File(Path bytes, long offset, long size) implements Content {}

        /** A symlink. Only the guest follows it, except on the way to a name in a later layer. */
        record Symlink(String target) implements Content {}

        /** A character or block device; exists in the image only. */
        record Device(boolean block, int major, int minor) implements Content {}

        record Fifo() implements Content {}
    }
}
