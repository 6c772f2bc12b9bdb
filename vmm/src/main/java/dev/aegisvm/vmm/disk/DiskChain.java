package dev.aegisvm.vmm.disk;

import module java.base;
import dev.aegisvm.host.*;

/**
 * The files that an instance's disk is made of, the oldest first. The first is raw; each further one is an overlay, with what was
 * written since the one before became part of a snapshot. All but the last never change: instances and snapshots have them in
 * common, by hard links, and the file system keeps them as long as somebody needs them.
 *
 * @param disk the first of them; the others are beside it, {@code disk.raw.1} and so on
 */
public record DiskChain(Path disk) {
    private static final String FIRST = "disk.raw";
    private static final int MOST_OVERLAYS = 100;
    /** When there are more, the last ones are to become one. */
    private static final int MOST_FILES = 8;

    /** That of an instance or a snapshot whose directory this is. */
    public static DiskChain in(Path directory) {
        return new DiskChain(directory.resolve(FIRST));
    }

    /** All of them, or a failure: a part of it would be another disk. */
    public List<Path> files() throws IOException {
        String prefix = disk.getFileName() + ".";
        List<Path> overlays = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(
                disk.getParent(), each -> each.getFileName().toString().matches("\\Q" + prefix + "\\E\\d+"))) {
            all.forEach(overlays::add);
        } catch (NoSuchFileException none) {
            return List.of(disk);
        } catch (DirectoryIteratorException obstacle) {
            throw obstacle.getCause();
        }
        overlays.sort(Comparator.comparingInt(DiskChain::number));
        overlays.addFirst(disk);
        return List.copyOf(overlays);
    }

    private static int number(Path overlay) {
        String name = overlay.getFileName().toString();
        return Integer.parseInt(name.substring(name.lastIndexOf('.') + 1));
    }

    /** What is written to. */
    public Path top() throws IOException {
        return files().getLast();
    }

    /**
     * The files for a VM that is about to write to the last of them, which is nobody else's then, whatever has happened to this disk.
     *
     * @param bytes how much of the disk the guest can reach
     * @throws IOException when one below is missing, too
     */
    public List<Path> own(long bytes) throws IOException {
        dropMerged();
        List<Path> files = files();
        if (files.size() > 1 && number(files.getLast()) != files.size() - 1) {
            throw new IOException("the file that " + files.getLast() + " is based on is missing");
        }
        if (!Files.getAttribute(files.getLast(), "unix:nlink").equals(1)) {
            extend(bytes);
        }
        return files();
    }

    /**
     * Adds an empty overlay, so that what is there now need not change any more; it is on the host's disk then, as what the guest
     * writes to it is to be.
     *
     * @param bytes how much of the disk the guest can reach
     */
    public Path extend(long bytes) throws IOException {
        Path top = top();
        Path overlay = disk.resolveSibling(disk.getFileName() + "." + next(top));
        Path unfinished = disk.resolveSibling(disk.getFileName() + ".unfinished");
        Overlay.create(unfinished, bytes);
        Files.move(unfinished, overlay, StandardCopyOption.ATOMIC_MOVE);
        Durable.force(disk.resolveSibling(""));
        return overlay;
    }

    private int next(Path top) throws IOException {
        int next = top.equals(disk) ? 1 : number(top) + 1;
        if (next > MOST_OVERLAYS) {
            throw new IOException("its disk has " + MOST_OVERLAYS + " layers already, one for each snapshot of it");
        }
        return next;
    }

    /** The files for another disk to have too, after which this one goes on in a further one. */
    public List<Path> shared(long bytes) throws IOException {
        List<Path> files = own(bytes);
        var _ = next(files.getLast());
        return files;
    }

    /**
     * Where the files begin that are to become one with the last, never with the first; empty while there are few. Each that is kept is larger
     * than all after it, so that nothing is copied often.
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
     * The last file has by now all that those from a place on have: it takes that place, and they are not needed. After a kill at any moment
     * this disk is what it was, and {@link #own} does the rest.
     */
    public void merged(int from) throws IOException {
        List<Path> files = files();
        Durable.force(files.getLast());
        Path link = disk.resolveSibling(disk.getFileName() + ".merged");
        Files.deleteIfExists(link);
        Files.createLink(link, files.getLast());
        Files.move(link, files.get(from), StandardCopyOption.ATOMIC_MOVE);
        Durable.force(disk.resolveSibling(""));
        dropMerged();
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

    /** Makes an own disk of those files: it begins as they are. */
    public void begin(List<Path> files, long bytes) throws IOException {
        link(files);
        extend(bytes);
    }

    /**
     * Refuses files that are not such a disk. They may come from anywhere: none leads QEMU to another file from then on.
     *
     * @param bytes how much of the disk the guest can reach
     */
    public void requireSound(long bytes) throws IOException {
        List<Path> files = files();
        if (!Files.isRegularFile(disk) || Files.size(disk) != InstanceDisk.DEVICE_BYTES) {
            throw new IOException("its disk has the wrong size");
        }
        for (Path overlay : files.subList(1, files.size())) {
            Overlay.makeOwn(overlay, bytes);
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
