package dev.aegisvm.vmm.disk;

import module java.base;
import dev.aegisvm.host.Durable;

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
    /** Where in the header there is the place of a name, and what is behind that. */
    private static final int NAME_FIELDS = 8;

    private static final int AFTER_NAME = 20;
    /** Where it says where the reference counts are. That table moves as the file grows. */
    private static final int REFCOUNT_FIELDS = 48;

    private static final int AFTER_REFCOUNTS = 60;
    private static final int LENGTH_FIELD = 100;
    private static final int REFCOUNT_ORDER = 4;
    // The clusters of the file, beside the header.
    private static final int REFCOUNT_TABLE = 1;
    private static final int REFCOUNTS = 2;
    private static final int FIRST_TABLE = 3;
    private static final int CLUSTERS = 4;

    private Overlay() {}

    /** @param bytes the size of the disk */
    static void create(Path file, long bytes) throws IOException {
        Files.write(file, empty(bytes).array());
        Durable.force(file);
    }

    /**
     * Refuses an image that was not made by {@link #create} with this size, whatever was written to it since. Names of other files,
     * and what else QEMU may note beside its header when it merges some, are taken out.
     */
    static void makeOwn(Path file, long bytes) throws IOException {
        byte[] ours = empty(bytes).array();
        byte[] head = new byte[CLUSTER];
        try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
            boolean same = image.read(head) == CLUSTER
                    && Arrays.equals(head, 0, NAME_FIELDS, ours, 0, NAME_FIELDS)
                    && Arrays.equals(head, AFTER_NAME, REFCOUNT_FIELDS, ours, AFTER_NAME, REFCOUNT_FIELDS)
                    && Arrays.equals(head, AFTER_REFCOUNTS, LENGTH_FIELD, ours, AFTER_REFCOUNTS, LENGTH_FIELD);
            if (!same) {
                throw new IOException(file.getFileName() + " is not a valid disk overlay");
            }
            image.seek(0);
            image.write(ours, 0, REFCOUNT_FIELDS);
            image.seek(AFTER_REFCOUNTS);
            image.write(ours, AFTER_REFCOUNTS, CLUSTER - AFTER_REFCOUNTS);
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
