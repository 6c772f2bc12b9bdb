package dev.aegisvm.vmm.disk;

import module java.base;

/**
 * What is in the directory of a VM that was saved: the files of its disk, one with its memory where that was saved, and
 * small ones beside it. They may come from elsewhere; what is wrong with them is an {@link IllegalArgumentException}.
 */
public final class SavedFiles {
    /** Has the memory, and what else of the machine a backend writes with it. */
    public static final String MACHINE = "machine";

    private static final DiskChain DISK = DiskChain.in(Path.of(""));
    private static final int MOST = 110;
    private static final Pattern OTHER = Pattern.compile("[a-z]{1,20}");
    /** Of what is read as a whole. */
    private static final long LARGEST_LIST = 4 << 20;

    private SavedFiles() {}

    /**
     * How large a file may be, in bytes.
     *
     * @param data without its holes
     */
    public record Limit(long length, long data) {}

    /**
     * That of a file by its name.
     *
     * @param diskMb how much of the disk the guest can reach, in MiB
     * @param memoryMb how much memory it has
     */
    public static Limit limit(String name, int diskMb, int memoryMb) {
        boolean disk = DISK.place(name) >= 0;
        if (!disk && !OTHER.matcher(name).matches()) {
            throw new IllegalArgumentException("a file has an invalid name");
        }
        long length = disk || name.equals(MACHINE) ? 2 * DiskChain.DEVICE_BYTES : LARGEST_LIST;
        long mb = disk ? diskMb : memoryMb;
        // Beside what the guest wrote there are tables, or the state of devices.
        return new Limit(length, ((mb + mb / 16 + 65) << 20) - 1);
    }

    /** Refuses names that are not those of one VM. */
    public static void check(List<String> names) {
        if (names.size() > MOST) {
            throw new IllegalArgumentException("it has too many files");
        }
        if (Set.copyOf(names).size() < names.size()) {
            throw new IllegalArgumentException("it contains a file twice");
        }
        IntSummaryStatistics disk =
                names.stream().mapToInt(DISK::place).filter(place -> place >= 0).summaryStatistics();
        if (disk.getCount() == 0 || disk.getMax() != disk.getCount() - 1) {
            throw new IllegalArgumentException("a file of its disk is missing");
        }
    }
}
