package dev.aegisvm.image.rootfs;

import java.util.HashMap;
import java.util.Map;

/** A name in the merged tree. */
final class Node {
    private Inode inode;
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

    /** A directory as an upper layer describes it; what is in it stays. */
    void describe(Inode directory) {
        inode = directory;
    }

    /** The names in a directory; nothing can be put into anything else. */
    Map<String, Node> children() {
        return children;
    }
}
