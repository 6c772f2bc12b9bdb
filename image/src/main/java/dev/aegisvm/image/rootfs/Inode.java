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

    /** A directory that no layer describes, but that contains something. */
    static Inode impliedDirectory() {
        return new Inode(new Content.Directory(), 0755, 0, 0, 0, Map.of());
    }

    sealed interface Content {
        /** A directory; its names are in {@link Node}. */
        record Directory() implements Content {}

        /** A regular file; its bytes are a part of a file on the host. */
        record File(Path bytes, long offset, long size) implements Content {}

        /** A symlink. Only the guest follows it, except on the way to a name in a later layer. */
        record Symlink(String target) implements Content {}

        /** A character or block device; exists in the image only. */
        record Device(boolean block, int major, int minor) implements Content {}

        record Fifo() implements Content {}
    }

    /** A name in the merged tree. */
    static final class Node {
        private Inode inode;
        private boolean shared;
        private final Map<String, Node> children;

        Node(Inode inode) {
            this.inode = inode;
            this.children = inode.isDirectory() ? new HashMap<>(4) : Map.of();
        }

        Inode inode() {
            return inode;
        }

        boolean isDirectory() {
            return inode.isDirectory();
        }

        Node again() {
            Node other = new Node(inode);
            shared = true;
            other.shared = true;
            return other;
        }

        /** Whether the file has, or had, another name. */
        boolean isShared() {
            return shared;
        }

        /** Replaces the attributes of a directory; its content stays. */
        void describe(Inode directory) {
            inode = directory;
        }

        /** The names in a directory; immutable and empty for other files. */
        Map<String, Node> children() {
            return children;
        }
    }
}
