package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.HostError;
import dev.aegisvm.vmm.*;

/**
 * A saved machine: one boot, saved twice. The bare one has not touched a disk yet; the mounted one has its root file
 * system mounted, and the disk that belongs to it lies beside it. All files are read-only and never change.
 */
record Template(Path directory) {
    /** The file that is written last. */
    static final String SIZES = "sizes";
    /** Changes whenever the way templates are made does. */
    private static final String FORMAT = "4";

    private static final int KEY_DIGITS = 24;

    /**
     * What a template is of. The bare machine of a kind fits any root file system, the mounted one only its own.
     *
     * @param image what the guest boots, its root file system included
     */
    record Kind(VmShape shape, GuestImage image) {}

    /**
     * Names a template by all that it depends on: the whole command line (kernel, initramfs, root, shape, accelerator,
     * devices), the QEMU binary and the size of the disk. Whatever changes there makes another template.
     *
     * @param line the command line of a template in the making; its run directory and memory file must be fixed names
     */
    static String key(QemuCommandLine line, String qemu, int diskSizeMb) {
        return digest(
                String.join("\n", line.arguments()) + "\n" + qemu + "\n" + diskSizeMb + "\nformat " + FORMAT + "\n");
    }

    /** A name for all that something depends on. */
    static String digest(String inputs) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(inputs.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, KEY_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    Path bareMemory() {
        return directory.resolve("bare.ram");
    }

    Path bareState() {
        return directory.resolve("bare.state");
    }

    /** An empty file system of the usual size. */
    Path bareDisk() {
        return directory.resolve("bare.disk");
    }

    Path mountedMemory() {
        return directory.resolve("mounted.ram");
    }

    Path mountedState() {
        return directory.resolve("mounted.state");
    }

    Path mountedDisk() {
        return directory.resolve("mounted.disk");
    }

    /** How the machine is loaded that has its root mounted, or the one that has not. */
    QemuCommandLine.Start.Restore start(boolean mounted) {
        return mounted
                ? new QemuCommandLine.Start.Restore(mountedMemory(), mountedState())
                : new QemuCommandLine.Start.Restore(bareMemory(), bareState());
    }

    private List<Path> files() {
        return List.of(bareMemory(), bareState(), bareDisk(), mountedMemory(), mountedState(), mountedDisk());
    }

    /** Makes the files read-only and writes down their sizes, the last step before the template is put in its place. */
    void seal() throws IOException {
        List<String> sizes = new ArrayList<>();
        for (Path file : files()) {
            if (!file.toFile().setReadOnly()) {
                throw new IOException("cannot make " + file + " read-only");
            }
            sizes.add(Long.toString(Files.size(file)));
        }
        Files.write(directory.resolve(SIZES), sizes);
    }

    /** What is wrong with the template, or nothing. A file that was cut short would crash every VM that maps it. */
    Optional<String> defect() {
        try {
            List<String> sizes = Files.readAllLines(directory.resolve(SIZES));
            List<Path> files = files();
            if (sizes.size() != files.size()) {
                return Optional.of("its list of file sizes is damaged");
            }
            for (int i = 0; i < sizes.size(); i++) {
                if (!sizes.get(i).equals(Long.toString(Files.size(files.get(i))))) {
                    return Optional.of(files.get(i).getFileName() + " has changed in size");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("a file is missing or unreadable: " + HostError.text(e));
        }
    }
}
