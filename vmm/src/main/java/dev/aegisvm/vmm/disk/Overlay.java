package dev.aegisvm.vmm.disk;

import module java.base;

/** An empty image in the format qcow2, version 3: nothing is in it yet, and what is below it shows through. */
final class Overlay {
    private static final int MAGIC = 0x514649fb;
    private static final int VERSION = 3;
    private static final int CLUSTER_BITS = 16;
    private static final int CLUSTER = 1 << CLUSTER_BITS;
    private static final int ENTRY = Long.BYTES;
    /** How much of the disk one entry of the first table stands for. */
    private static final long PER_ENTRY = (long) CLUSTER * (CLUSTER / ENTRY);

    private static final int HEADER_BYTES = 104;
    /** Where in the header it says where the reference counts are, and what is behind that. */
    private static final int REFCOUNT_FIELDS = 48;

    private static final int AFTER_REFCOUNTS = 60;
    private static final int REFCOUNT_ORDER = 4;
    // The clusters of the file, beside the header.
    private static final int REFCOUNT_TABLE = 1;
    private static final int REFCOUNTS = 2;
    private static final int FIRST_TABLE = 3;
    private static final int CLUSTERS = 4;

    private Overlay() {}

    /** @param bytes the size of the disk */
    static void create(Path file, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer image = empty(bytes);
            while (image.hasRemaining()) {
                channel.write(image);
            }
            channel.force(true);
        }
    }

    /**
     * Refuses an image that was not made by {@link #create} with this size, whatever was written to it since: one that names
     * other files, or has what we do not know.
     */
    static void requireOwn(Path file, long bytes) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(CLUSTER);
        }
        byte[] ours = empty(bytes).array();
        // The table of reference counts moves as the file grows.
        boolean same = head.length == CLUSTER
                && Arrays.equals(head, 0, REFCOUNT_FIELDS, ours, 0, REFCOUNT_FIELDS)
                && Arrays.equals(head, AFTER_REFCOUNTS, CLUSTER, ours, AFTER_REFCOUNTS, CLUSTER);
        if (!same) {
            throw new IOException(file.getFileName() + " is no overlay as they are made here");
        }
    }

    private static ByteBuffer empty(long bytes) {
        ByteBuffer image = ByteBuffer.allocate(CLUSTERS * CLUSTER);
        image.putInt(MAGIC).putInt(VERSION).putLong(0).putInt(0); // no name of what is below
        image.putInt(CLUSTER_BITS).putLong(bytes).putInt(0); // not encrypted
        image.putInt((int) ((bytes + PER_ENTRY - 1) / PER_ENTRY)).putLong((long) FIRST_TABLE * CLUSTER);
        image.putLong((long) REFCOUNT_TABLE * CLUSTER).putInt(1);
        image.putInt(0).putLong(0); // no snapshots of its own
        image.putLong(0).putLong(0).putLong(0).putInt(REFCOUNT_ORDER).putInt(HEADER_BYTES);
        image.putLong(REFCOUNT_TABLE * CLUSTER, (long) REFCOUNTS * CLUSTER);
        for (int cluster = 0; cluster < CLUSTERS; cluster++) {
            image.putShort(REFCOUNTS * CLUSTER + cluster * Short.BYTES, (short) 1);
        }
        return image.rewind();
    }
}
