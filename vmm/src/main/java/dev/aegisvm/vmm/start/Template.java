package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;

/**
 * One boot, saved twice, a directory each: before the guest has touched a disk, and with its root file system mounted. Beside what the
 * hypervisor has saved there is the disk of that moment. All files are read-only and never change.
 */
record Template(Path directory) {
    /** The file that is written last: the size of each other file. Daemons that made them in another way do not know it. */
    static final String LIST = "files";
    /** Changes whenever the way templates are made does. */
    static final int FORMAT = 5;

    /**
     * What a template is of. The machine without a root fits any, the mounted one only its own.
     *
     * @param image what the guest boots, its root file system included
     */
    record Kind(VmShape shape, GuestImage image) {}

    /** What a hypervisor has saved. */
    Path saved(boolean mounted) {
        return directory.resolve(mounted ? "mounted" : "bare");
    }

    /** The disk that belongs to it; without a root, that has an empty file system of the usual size. */
    Path disk(boolean mounted) {
        return saved(mounted).resolve("disk");
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
