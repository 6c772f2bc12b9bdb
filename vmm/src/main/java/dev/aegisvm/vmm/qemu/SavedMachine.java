package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;

/**
 * A machine that was saved while it ran, in a directory of its own: its disk, and one file with memory and devices, as QEMU's
 * migration with {@code mapped-ram} writes it. There each page of the memory has its place, so that the file itself can be mapped
 * by the machines that go on from it: they have in common what they do not change.
 */
record SavedMachine(Path directory) {
    /** As {@code ramblock} of QEMU's mapped-ram has it, in front of a block of memory. */
    private static final String BLOCK = "mem";

    private static final int HEAD_BYTES = 1 << 20;
    private static final int FORMAT = 1;
    private static final int PAGE = 4096;
    /** Before the pages: version, size of a page, place of the bitmap, place of the pages. */
    private static final int BLOCK_HEADER = Integer.BYTES + 3 * Long.BYTES;

    Path machine() {
        return directory.resolve("machine");
    }

    DiskChain disk() {
        return DiskChain.in(directory);
    }

    /** Has where in the file the memory begins, and by what QEMU and processor it was saved. */
    private Path layout() {
        return directory.resolve("layout");
    }

    /**
     * Looks where the memory is and, where QEMU lets it be mapped in place, marks all of it as loaded. The file never changes after
     * that. What is in it was written by QEMU, whom a guest may have in its hands: nothing is believed.
     *
     * @param mappable whether QEMU leaves pages alone that are not marked
     */
    void seal(long memoryBytes, boolean mappable, String madeBy) throws IOException {
        long offset;
        try (FileChannel file = FileChannel.open(machine(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer block = findBlock(file, memoryBytes);
            int version = block.getInt();
            long page = block.getLong();
            long bitmap = block.getLong();
            offset = block.getLong();
            long bitmapBytes = memoryBytes / PAGE / Byte.SIZE;
            boolean plausible = version == FORMAT
                    && page == PAGE
                    && bitmap > 0
                    && bitmap < HEAD_BYTES
                    && offset >= bitmap + bitmapBytes
                    && offset % PAGE == 0
                    && offset <= bitmap + bitmapBytes + 2L * HEAD_BYTES
                    && file.size() >= offset + memoryBytes;
            if (!plausible) {
                throw new IOException("QEMU saved the memory in an unknown format");
            }
            if (mappable) {
                file.write(ByteBuffer.allocate((int) bitmapBytes), bitmap);
            }
        }
        Files.write(layout(), List.of(Long.toString(offset), madeBy));
        Files.setPosixFilePermissions(machine(), PosixFilePermissions.fromString("r--------"));
    }

    /** Seals one that was saved elsewhere, by the same; what its files say of it is looked at again. */
    void adopt(long memoryBytes, String madeBy) throws VmmException {
        var _ = offset(madeBy);
        try {
            seal(memoryBytes, QemuBinary.mapsSavedMemory(), madeBy);
        } catch (IOException e) {
            throw new VmmException("cannot use its saved memory: " + HostError.text(e), "", e);
        }
    }

    /** Makes the disk of a VM that goes on from here, unless it is there already. */
    void beginDisk(VmSpec spec) throws VmmException {
        try {
            if (Files.notExists(spec.disk())) {
                new DiskChain(spec.disk()).begin(disk().files(), (long) spec.diskSizeMb() << 20);
            }
        } catch (IOException e) {
            throw new VmmException(
                    "cannot make the disk " + spec.disk() + ": " + HostError.text(e),
                    "Check that the file system has free space (df -h) and is writable.",
                    e);
        }
    }

    /** What stands behind the name and the size of the guest's memory. */
    private static ByteBuffer findBlock(FileChannel file, long memoryBytes) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        for (int count = 0; count >= 0 && head.hasRemaining(); ) {
            count = file.read(head, head.position());
        }
        byte[] name = BLOCK.getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at + name.length + Long.BYTES + BLOCK_HEADER < head.position(); at++) {
            boolean named = Arrays.equals(head.array(), at, at + name.length, name, 0, name.length);
            if (named && head.getLong(at + name.length) == memoryBytes) {
                return head.slice(at + name.length + Long.BYTES, BLOCK_HEADER);
            }
        }
        throw new IOException("QEMU did not save a memory of " + memoryBytes + " bytes");
    }

    /**
     * Where its memory is.
     *
     * @param madeBy by what it can be loaded here
     * @throws VmmException if there is none, or another QEMU or processor saved it
     */
    long offset(String madeBy) throws VmmException {
        try {
            List<String> found = Files.readAllLines(layout());
            if (found.getLast().equals(madeBy)) {
                return Long.parseLong(found.getFirst());
            }
        } catch (IOException | NumberFormatException | NoSuchElementException unreadable) {
            throw new VmmException(
                    "cannot read the saved VM in " + directory + ": "
                            + (unreadable instanceof IOException e ? HostError.reason(e) : "it is damaged"),
                    "Start from its disk only: --disk-only.",
                    unreadable);
        }
        throw new VmmException(
                "another version of QEMU, or another processor, saved the memory in " + directory,
                "Start from its disk only: --disk-only.");
    }
}
