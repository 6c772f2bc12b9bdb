package dev.aegisvm.vmm.disk;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/**
 * The files that an instance's disk is made of, the oldest first. The first is raw: a sparse file of one size for all,
 * with an ext4 file system of the instance's own size in it, so that one template fits every guest. Each further one is
 * a layer, with what was written since the one before became part of a snapshot. All but the last never change:
 * instances and snapshots have them in common, by hard links, and the file system keeps them as long as one of them has
 * a link. The bytes of its methods are how much of the disk the guest can reach.
 *
 * @param disk the first of them; the others are beside it, {@code disk.raw.1} and so on
 */
public record DiskChain(Path disk) {
    /** Size in bytes of the first file of every disk; almost all of it is a hole. */
    public static final long DEVICE_BYTES = 64L << 30;

    /** Largest file system in MiB that fits on the device. */
    public static final int MAX_SIZE_MB = (int) (DEVICE_BYTES >> 20);

    private static final String FIRST = "disk.raw";
    private static final Pattern LAYER = Pattern.compile("\\.[1-9]\\d{0,2}");
    private static final int MOST_LAYERS = 100;
    /** When there are more, the last ones are to become one. */
    private static final int MOST_FILES = 8;
    /** Of the host's disk, beside a file that is made on it. */
    private static final int SPARE_MB = 64;

    /** That of an instance or a snapshot whose directory this is. */
    public static DiskChain in(Path directory) {
        return new DiskChain(directory.resolve(FIRST));
    }

    /**
     * Makes it with an empty file system. Inode tables are left to the kernel, which is told not to fill them in the
     * background either ({@code noinit_itable}): this takes milliseconds, and an idle guest stays idle. Without
     * {@code orphan_file}, of which each mount reads every block: on a small disk that is most of what a mount takes.
     *
     * @param sizeMb size of the file system in MiB, 16 to {@link #MAX_SIZE_MB}
     */
    public void create(int sizeMb) throws VmmException {
        if (sizeMb < 16 || sizeMb > MAX_SIZE_MB) {
            throw new VmmException(
                    "a disk must have 16.." + MAX_SIZE_MB + " MB, not " + sizeMb, "Choose another disk size.");
        }
        try {
            SparseFile.create(unfinished(), DEVICE_BYTES);
            String mke2fs = "mke2fs -q -F -t ext4 -m 0 -O ^orphan_file"
                    + " -E nodiscard,lazy_itable_init=1,lazy_journal_init=1";
            List<String> command = new ArrayList<>(List.of(mke2fs.split(" ")));
            command.addAll(List.of(unfinished().toString(), sizeMb + "M"));
            Program.run(command);
            Files.move(unfinished(), disk);
        } catch (IOException e) {
            throw failed("make the disk " + disk, e);
        }
    }

    /** Makes it with what another one has in its first file. */
    public void createFrom(DiskChain other) throws VmmException {
        try {
            SparseFile.copy(other.disk, unfinished());
            Files.move(unfinished(), disk);
        } catch (IOException e) {
            throw failed("copy the disk " + other.disk + " to " + disk, e);
        }
    }

    private VmmException failed(String doing, IOException cause) {
        try {
            removeUnfinished();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return VmmException.storage(doing, cause);
    }

    /** Removes what a daemon that was killed while it made a file of this disk left of it. */
    public void removeUnfinished() throws IOException {
        Files.deleteIfExists(unfinished());
    }

    /** Deletes one that no VM has used; does nothing where there is none. */
    public void delete() throws VmmException {
        try {
            Files.deleteIfExists(disk);
        } catch (IOException e) {
            throw VmmException.storage("delete the unused disk", e);
        }
    }

    /**
     * Refuses one whose first file was cut short or is none: no machine can start with it, and none of what the machine
     * starts from is to blame. A disk that is not there will be made, unless there are layers over it.
     */
    public void requireWhole() throws VmmException {
        try {
            BasicFileAttributes found = Files.readAttributes(disk, BasicFileAttributes.class);
            if (!found.isRegularFile() || found.size() != DEVICE_BYTES) {
                throw new VmmException(
                        "the disk " + disk + " is damaged: it has " + found.size() + " bytes instead of "
                                + DEVICE_BYTES,
                        "Restore that file from a backup, or delete the instance; other instances are not affected.");
            }
        } catch (NoSuchFileException none) {
            return;
        } catch (IOException e) {
            throw new VmmException(
                    "cannot read the disk " + disk + ": " + HostError.reason(e),
                    "Make the daemon's user the owner of that file.",
                    e);
        }
    }

    /** Which of its files has this name: 0 is the first; negative: it is none of them. */
    int place(String name) {
        String first = disk.getFileName().toString();
        if (name.equals(first)) {
            return 0;
        }
        boolean layer = name.startsWith(first)
                && LAYER.matcher(name.substring(first.length())).matches();
        return layer ? Integer.parseInt(name.substring(first.length() + 1)) : -1;
    }

    private int place(Path file) {
        return place(file.getFileName().toString());
    }

    /** All of them, or a failure: a part of it would be another disk. */
    public List<Path> files() throws IOException {
        Path directory = disk.resolveSibling("");
        List<Path> all = Files.notExists(directory) ? List.of() : PrivateDirectory.list(directory);
        return Stream.concat(Stream.of(disk), all.stream().filter(each -> place(each) > 0))
                .sorted(Comparator.comparingInt(this::place))
                .toList();
    }

    /** What is written to. */
    public Path top() throws IOException {
        return files().getLast();
    }

    /**
     * The files for a VM that is about to write to the last of them, which has no other name then, whatever has
     * happened to this disk.
     *
     * @throws VmmException when one below is missing, too
     */
    public List<Path> own(Layers layers, long bytes) throws VmmException {
        try {
            if (isShared(complete().getLast())) {
                extend(layers, bytes);
            }
            return files();
        } catch (IOException e) {
            throw failed("use the disk " + disk, e);
        }
    }

    /** All of them, none of which is missing, and none of which has two names here. */
    private List<Path> complete() throws IOException {
        dropMerged();
        List<Path> files = files();
        if (files.size() > 1 && place(files.getLast()) != files.size() - 1) {
            throw new IOException("the file that " + files.getLast() + " is based on is missing");
        }
        return files;
    }

    private static boolean isShared(Path file) throws IOException {
        return !Files.getAttribute(file, "unix:nlink").equals(1);
    }

    /**
     * Adds an empty layer, so that what is there now need not change any more; it is on the host's disk then, as what
     * the guest writes to it is to be.
     */
    public Path extend(Layers layers, long bytes) throws IOException {
        Path layer = Layers.of(disk, next(top()));
        Path unfinished = unfinished();
        layers.create(unfinished, bytes);
        Files.move(unfinished, layer, StandardCopyOption.ATOMIC_MOVE);
        Durable.force(disk.resolveSibling(""));
        return layer;
    }

    /** What is not yet a file of the disk. */
    Path unfinished() {
        return disk.resolveSibling(disk.getFileName() + ".unfinished");
    }

    private int next(Path top) throws IOException {
        int next = place(top) + 1;
        if (next > MOST_LAYERS) {
            throw new IOException("its disk has " + MOST_LAYERS + " layers already, one for each snapshot of it");
        }
        return next;
    }

    /** The files for another disk to have too; the next VM that writes to this one does so in a further file. */
    public List<Path> shared() throws IOException {
        List<Path> files = complete();
        var _ = next(files.getLast());
        return files;
    }

    /**
     * Makes it, where there is one, one raw file that has no other name, for a machine that reads nothing else. Other
     * disks keep the files that they have in common with this one. After a kill at any moment it has what it had: the
     * layers say nothing that the new first file does not say, until the last of them is that file by another name.
     *
     * @param scratch a directory for sockets, with a short path
     * @param progress is told what is about to be done, which takes long; nothing where there is nothing to do
     */
    public void flatten(Layers layers, long bytes, Path scratch, Consumer<String> progress) throws VmmException {
        try {
            if (Files.exists(disk)) {
                flatten(complete(), layers, bytes, scratch, progress);
            }
        } catch (IOException e) {
            throw failed("make one file of the disk " + disk, e);
        }
    }

    private void flatten(List<Path> files, Layers layers, long bytes, Path scratch, Consumer<String> progress)
            throws IOException, VmmException {
        if (files.size() == 1 && !isShared(disk)) {
            return;
        }
        List<Path> above = files.subList(1, files.size());
        for (Path layer : above) {
            layers.requireSound(layer, bytes);
        }
        requireRoom();
        progress.accept(
                "making one file of the disk, which is in " + files.size() + " and has " + (usedBytes() >> 20) + " MB");
        Path flat = unfinished();
        removeUnfinished();
        try {
            SparseFile.copy(disk, flat);
            if (!above.isEmpty()) {
                layers.apply(above, flat, scratch);
            }
            Durable.force(flat);
            Files.move(flat, disk, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            removeUnfinished();
        }
        Durable.force(disk.resolveSibling(""));
        if (!above.isEmpty()) {
            takePlace(disk, above.getLast());
            dropMerged();
        }
    }

    /** A layer may have again what is in one below, so this is the most that one file takes. */
    private void requireRoom() throws IOException {
        long neededMb = usedBytes() >> 20;
        long freeMb = Files.getFileStore(disk).getUsableSpace() >> 20;
        if (neededMb + SPARE_MB > freeMb) {
            throw new IOException("one file of it may take " + neededMb + " MB, and only " + freeMb + " MB are free");
        }
    }

    /**
     * Where the files begin that are to become one with the last, never with the first; empty while there are few. Each
     * that is kept is larger than all after it, so that nothing is copied often.
     */
    public static OptionalInt toMerge(List<Path> files) {
        if (files.size() <= MOST_FILES) {
            return OptionalInt.empty();
        }
        int from = files.size() - 1;
        long bytes = SparseFile.allocatedBytes(files.get(from));
        do {
            from--;
            bytes += SparseFile.allocatedBytes(files.get(from));
        } while (from > 1 && SparseFile.allocatedBytes(files.get(from - 1)) <= 2 * bytes);
        return OptionalInt.of(from);
    }

    /**
     * The last file has by now all that those from a place on have: it takes that place, and they are not needed. After
     * a kill at any moment this disk is what it was, and {@link #own} does the rest.
     */
    public void merged(int from) throws IOException {
        List<Path> files = files();
        Durable.force(files.getLast());
        takePlace(files.getLast(), files.get(from));
        dropMerged();
    }

    /** Gives a file the name of another one too, in one step. */
    private void takePlace(Path file, Path place) throws IOException {
        Path link = disk.resolveSibling(disk.getFileName() + ".merged");
        Files.deleteIfExists(link);
        Files.createLink(link, file);
        Files.move(link, place, StandardCopyOption.ATOMIC_MOVE);
        Durable.force(disk.resolveSibling(""));
    }

    /** What comes after another name of the last file is in that; its own name goes last. */
    private void dropMerged() throws IOException {
        List<Path> files = files();
        List<Object> places = new ArrayList<>();
        for (Path file : files) {
            places.add(Files.getAttribute(file, "unix:ino"));
        }
        for (Path each : files.subList(places.indexOf(places.getLast()) + 1, files.size())) {
            Files.delete(each);
        }
    }

    /** Gives these files to another disk too, under names beside its own. They must not change any more. */
    public void link(List<Path> files) throws IOException {
        String own = files.getFirst().getFileName().toString();
        for (Path file : files) {
            String rest = file.getFileName().toString().substring(own.length());
            Files.createLink(disk.resolveSibling(disk.getFileName() + rest), file);
        }
    }

    /**
     * Refuses files that are not such a disk. They may come from anywhere: none leads a hypervisor to another file from
     * then on.
     */
    public void requireSound(Layers layers, long bytes) throws IOException {
        if (!Files.isRegularFile(disk) || Files.size(disk) != DEVICE_BYTES) {
            throw new IOException("its disk has the wrong size");
        }
        List<Path> files = files();
        for (Path layer : files.subList(1, files.size())) {
            layers.requireSound(layer, bytes);
        }
    }

    /** On the host, those in common with others too; negative when there is no such disk. */
    public long usedBytes() {
        try {
            return Files.notExists(disk)
                    ? -1
                    : files().stream()
                            .mapToLong(SparseFile::allocatedBytes)
                            .filter(bytes -> bytes > 0)
                            .sum();
        } catch (IOException unknown) {
            return -1;
        }
    }
}
