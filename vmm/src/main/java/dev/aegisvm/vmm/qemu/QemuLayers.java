package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.qemu.QemuMachine.Doorbell;

/**
 * Layers in the format qcow2, version 3. A QEMU without a machine reads them, in a jail: a guest, or a person
 * elsewhere, has made what is in them.
 */
final class QemuLayers implements Layers {
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

    private static final String RAW = "raw";
    private static final long MEMORY_BYTES = 512L << 20;
    private static final long LIMIT_SECONDS = 60;
    /** More time for so much of them. */
    private static final long BYTES_PER_SECOND = 8 << 20;

    private final Jail jail;
    private final QemuFiles files;

    QemuLayers(Jail jail, QemuFiles files) {
        this.jail = jail;
        this.files = files;
    }

    @Override
    public void create(Path file, long bytes) throws IOException {
        Files.write(file, empty(bytes).array());
        Durable.force(file);
    }

    /** Names of other files, and what else QEMU may note beside its header when it merges some, are taken out. */
    @Override
    public void requireSound(Path file, long bytes) throws IOException {
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

    /** Nothing is in it yet, and what is below it shows through. */
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

    @Override
    public void apply(List<Path> layers, Path raw, Path scratch) throws IOException, VmmException {
        requireQemu(layers.size());
        long bytes = layers.stream().mapToLong(SparseFile::allocatedBytes).sum();
        try (Doorbell monitor = Doorbell.listen(scratch.resolve(QemuCommandLine.QMP_SOCKET))) {
            Jailed qemu = jail.start(files.usr(), cell(layers, raw, scratch), arguments(layers, raw, scratch));
            OutputTail complaints = new OutputTail(OutputTail.DIAGNOSTICS_BYTES);
            CompletableFuture<Integer> exit = qemu.exit();
            var _ = exit.thenRun(monitor::close);
            var _ = exit.copy()
                    .orTimeout(LIMIT_SECONDS + bytes / BYTES_PER_SECOND, TimeUnit.SECONDS)
                    .whenComplete((_, late) -> qemu.kill());
            try {
                complaints.follow(Channels.newChannel(qemu.output()), OutputTail.PIPE_READERS);
                try (QmpClient qmp = new QmpClient(monitor.accept())) {
                    qmp.apply(RAW + "-" + layers.size(), RAW);
                }
            } catch (IOException e) {
                qemu.kill();
                String said = complaints.awaitEnd().strip();
                throw new IOException(
                        "QEMU did not read its layers: " + (said.isEmpty() ? HostError.text(e) : said), e);
            } finally {
                qemu.kill();
                var _ = exit.join();
            }
        }
    }

    private static void requireQemu(int count) throws VmmException {
        try {
            QemuBinary.version();
        } catch (VmmException missing) {
            throw new VmmException(
                    "the disk has " + count + " layers, which QEMU has written and has to read: "
                            + missing.getMessage(),
                    missing.hint(),
                    missing);
        }
    }

    private static List<String> arguments(List<Path> layers, Path raw, Path scratch) {
        List<String> arguments = new ArrayList<>(QemuCommandLine.BARE);
        arguments.addAll(List.of("-M", "none", "-accel", "tcg,tb-size=1"));
        arguments.addAll(
                List.of("-blockdev", BlockNode.written(RAW, raw, layers).json()));
        arguments.addAll(QemuCommandLine.monitor(scratch));
        return arguments;
    }

    /** It can write to one file, and not make that one larger. */
    private static Cell cell(List<Path> layers, Path raw, Path scratch) {
        List<Path> readOnly = new ArrayList<>(layers);
        readOnly.add(scratch);
        return new Cell(
                List.of(),
                readOnly,
                List.of(raw),
                List.of(QemuCommandLine.NULL_DEVICE),
                List.of(),
                MEMORY_BYTES,
                DiskChain.DEVICE_BYTES,
                Cell.Input.NOTHING);
    }
}
