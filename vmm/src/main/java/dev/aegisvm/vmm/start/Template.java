package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;

/**
 * One boot, of which two snapshots were taken while the guest was parked, a directory each: before the guest has
 * touched a disk, and with its root file system mounted. All files are read-only and never change.
 */
record Template(Path directory) {
    /** The file that is written last: the size of each other file. */
    private static final String LIST = "sealed";
    /** That, and those of earlier daemons, which made templates in another way and do not know ours. */
    private static final List<String> LISTS = List.of(LIST, "files", "sizes");
    /** Changes whenever the way templates are made does. */
    static final int FORMAT = 6;

    /**
     * What a template is of. The machine without a root fits any, the mounted one only its own.
     *
     * @param image what the guest boots, its root file system included
     */
    record Kind(VmShape shape, GuestImage image, Accelerator accelerator) {
        /** Without the counter's rate, which differs by a few ppm each time; the host's processor stands for it. */
        Kind unmeasured() {
            return new Kind(shape, image, new Accelerator(accelerator.name(), 0));
        }
    }

    /** Whether one is there, be it an earlier daemon's. */
    static boolean isAt(Path directory) {
        return LISTS.stream().anyMatch(list -> Files.exists(directory.resolve(list)));
    }

    /** What a hypervisor has saved. */
    Path saved(boolean mounted) {
        return directory.resolve(mounted ? "mounted" : "bare");
    }

    /** The disk that belongs to it; without a root, that has an empty file system of the usual size. */
    DiskChain disk(boolean mounted) {
        return DiskChain.in(saved(mounted));
    }

    private List<String> sizes() throws IOException {
        List<String> sizes = new ArrayList<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                if (!file.endsWith(LIST)) {
                    sizes.add(Files.size(file) + " " + directory.relativize(file));
                }
            }
        }
        return sizes;
    }

    /** Makes the files read-only and writes down their sizes, the last step before the template is put in its place. */
    void seal() throws IOException {
        List<String> sizes = sizes();
        for (String each : sizes) {
            Path file = directory.resolve(each.substring(each.indexOf(' ') + 1));
            if (!file.toFile().setReadOnly()) {
                throw new IOException("cannot make " + file + " read-only");
            }
        }
        Files.write(directory.resolve(LIST), sizes);
    }

    /** What is wrong with the template, or nothing. A file that was cut short would crash every VM that maps it. */
    Optional<String> defect() {
        try {
            List<String> then = Files.readAllLines(directory.resolve(LIST));
            List<String> now = sizes();
            return then.equals(now)
                    ? Optional.empty()
                    : Optional.of("its files should be " + then + ", but are " + now);
        } catch (IOException | UncheckedIOException e) {
            return Optional.of("a file is missing or unreadable: " + HostError.text(e));
        }
    }
}
