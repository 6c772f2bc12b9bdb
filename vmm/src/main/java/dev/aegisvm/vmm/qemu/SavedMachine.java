package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;

/**
 * A machine that was saved, in a directory of its own. One that was booted to be saved has its memory in a file, and its devices in
 * another. One that was saved while an instance used it has both in one file, as QEMU's migration with {@code mapped-ram} writes it, and
 * its disk beside it. There each page of the memory has its place. Either way the file with the memory is mapped by the machines that
 * go on from it: they have in common what they do not change.
 */
record SavedMachine(Path directory) {
    /** As {@code ramblock} of QEMU's mapped-ram has it, in front of a block of memory. */
    private static final String BLOCK = "mem";

    private static final int HEAD_BYTES = 1 << 20;
    private static final int FORMAT = 1;
    private static final int PAGE = 4096;
    /** Before the pages: version, size of a page, place of the bitmap, place of the pages. */
    private static final int BLOCK_HEADER = Integer.BYTES + 3 * Long.BYTES;

    /** Whether memory and devices are in one file. */
    boolean isMapped() {
        return Files.exists(machine());
    }

    private Path machine() {
        return directory.resolve("machine");
    }

    /** The file for memory and devices, empty. */
    Path createMachine() throws IOException {
        return Files.createFile(machine());
    }

    /** What QEMU loads, once it has mapped the memory. */
    Path state() {
        return isMapped() ? machine() : directory.resolve("state");
    }

    Path memory() {
        return directory.resolve("memory");
    }

    /**
     * How it is loaded.
     *
     * @param madeBy by what it can be loaded here
     * @throws VmmException if another QEMU or processor saved it
     */
    QemuCommandLine.Start start(String madeBy) throws VmmException {
        return isMapped()
                ? new QemuCommandLine.Start.Resume(machine(), offset(madeBy))
                : new QemuCommandLine.Start.Restore(memory(), state());
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

    /** Where its memory is. */
    private long offset(String madeBy) throws VmmException {
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
