package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.disk.*;
import dev.aegisvm.vmm.start.Machines.NotLoaded;

/**
 * A machine that was saved with its disk, in a directory of its own: a snapshot of an instance's VM, or of a parked
 * guest for a template. The machines that go on from it map its memory, and share what they do not change.
 *
 * <p>A VM that runs has mapped its own memory privately, so QEMU writes the memory into the file with the devices
 * ({@code mapped-ram}), where each page has its place. A machine that was booted to be saved has its memory in a file
 * of its own, which every version of QEMU can map.
 */
record SavedMachine(Path directory) {
    /** As {@code ramblock} of QEMU's mapped-ram has it, in front of a block of memory. */
    private static final String BLOCK = "mem";

    private static final int HEAD_BYTES = 1 << 20;
    private static final int FORMAT = 1;
    private static final int PAGE = 4096;
    /** Before the pages: version, size of a page, place of the bitmap, place of the pages. */
    private static final int BLOCK_HEADER = Integer.BYTES + 3 * Long.BYTES;

    /** What QEMU loads: the devices, and the memory unless that is in {@link #memory}. */
    Path machine() {
        return directory.resolve(SavedFiles.MACHINE);
    }

    private Path memory() {
        return directory.resolve("memory");
    }

    /** Has where the memory begins, 0 if it is in a file of its own, and by what QEMU and processor it was saved. */
    private Path layout() {
        return directory.resolve("layout");
    }

    DiskChain disk() {
        return DiskChain.in(directory);
    }

    /** Takes in a machine that stands still and whose memory is in a file of its own, with what its disk has now. */
    void copy(Path devices, Path memory, Path disk, String madeBy) throws IOException {
        SparseFile.copy(devices, machine());
        SparseFile.copy(memory, memory());
        SparseFile.copy(disk, disk().disk());
        Files.write(layout(), List.of("0", madeBy));
    }

    /** How it is loaded, if what has made it can load it here. */
    QemuCommandLine.Start.Load load(String madeBy) throws NotLoaded {
        long offset = offset(madeBy);
        return new QemuCommandLine.Start.Load(offset == 0 ? memory() : machine(), offset, machine());
    }

    /**
     * Looks where the memory is and, where QEMU lets it be mapped in place, marks all of it as loaded. The file never
     * changes after that. QEMU wrote it, and a guest may control QEMU: nothing in it is believed.
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

    private long offset(String madeBy) throws NotLoaded {
        try {
            List<String> found = Files.readAllLines(layout());
            if (!found.getLast().equals(madeBy)) {
                throw new IOException("another version of QEMU, or another processor, saved its memory");
            }
            return Long.parseLong(found.getFirst());
        } catch (IOException | NumberFormatException | NoSuchElementException unusable) {
            String reason = unusable instanceof IOException e ? HostError.reason(e) : "it is damaged";
            throw new NotLoaded("cannot load the saved VM " + directory + ": " + reason, false, unusable);
        }
    }
}
