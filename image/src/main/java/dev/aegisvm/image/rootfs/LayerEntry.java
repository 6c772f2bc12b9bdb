package dev.aegisvm.image.rootfs;

/** One statement of a layer about the tree below it. */
sealed interface LayerEntry {
    /** Here is something new. */
    record Put(EntryName name, Inode inode) implements LayerEntry {}

    /** Here is another name of something. */
    record HardLink(EntryName name, EntryName target) implements LayerEntry {}

    /** What the layers below have here is gone. */
    record Whiteout(EntryName name) implements LayerEntry {}

    /** What the layers below have in this directory is gone; the directory stays. */
    record Opaque(EntryName directory) implements LayerEntry {}
}
