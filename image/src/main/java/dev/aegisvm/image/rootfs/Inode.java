package dev.aegisvm.image.rootfs;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a name in the image stands for. Names that are hard links of each other share one; so it is compared by identity.
 */
final class Inode {
    private final Content content;
    private final Attributes attributes;

    Inode(Content content, Attributes attributes) {
        this.content = content;
        this.attributes = attributes;
    }

    Content content() {
        return content;
    }

    Attributes attributes() {
        return attributes;
    }

    boolean isDirectory() {
        return content instanceof Content.Directory;
    }

    /** A directory that no layer describes, but that something lies in. */
    static Inode impliedDirectory() {
        return new Inode(new Content.Directory(), new Attributes(0755, 0, 0, 0, Map.of()));
    }

    /** The kinds of things there are. */
    sealed interface Content {
        /** Has names below it. */
        record Directory() implements Content {}

        /** A regular file; its bytes lie in a file of the host, among those of others. */
        record File(Path bytes, long offset, long size) implements Content {}

        /** Taken as it is; only the guest follows it, except on the way to a name in a later layer. */
        record Symlink(String target) implements Content {}

        /** A character or block device, made in the image only. */
        record Device(boolean block, int major, int minor) implements Content {}

        /** A named pipe. */
        record Fifo() implements Content {}
    }

    /**
     * Owner, rights and the like.
     *
     * @param mode the lower twelve bits
     * @param mtime seconds since 1970
     * @param xattrs extended attributes by their full names
     */
    record Attributes(int mode, long uid, long gid, long mtime, Map<String, byte[]> xattrs) {}
}
