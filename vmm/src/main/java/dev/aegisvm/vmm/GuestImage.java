package dev.aegisvm.vmm;

import module java.base;
import dev.aegisvm.host.HostError;

/**
 * The files a guest boots from. They are never written, and their names change when their contents do.
 *
 * @param kernel the uncompressed kernel (an ELF file with a PVH entry)
 * @param initramfs a cpio archive with the harness as {@code /init} and the modules it loads
 */
public record GuestImage(Path kernel, Path initramfs, Path root) {
    private static final String PREPARE =
            "install the package aegisvm-guest, or build it: aegis-prepare-guest (in a checkout: make prepare)";

    /**
     * The guest that was prepared.
     *
     * @param list the file that names its files, {@code guest.properties} of the cache
     * @throws VmmException if there is none, or a file of it is missing
     */
    public static GuestImage read(Path list) throws VmmException {
        if (Files.notExists(list)) {
            throw new VmmException("the guest is not prepared: there is no " + list, PREPARE);
        }
        Properties files = new Properties();
        try (Reader reader = Files.newBufferedReader(list)) {
            files.load(reader);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new VmmException(list + " cannot be read: " + HostError.reason(unreadable), PREPARE, unreadable);
        }
        return new GuestImage(file(files, "kernel"), file(files, "initramfs"), file(files, "base"));
    }

    private static Path file(Properties files, String part) throws VmmException {
        String path = files.getProperty(part, "");
        if (path.isEmpty() || !Files.isReadable(Path.of(path))) {
            throw new VmmException("the " + part + " is missing: " + path, PREPARE);
        }
        return Path.of(path);
    }

    public GuestImage withRoot(Path other) {
        return new GuestImage(kernel, initramfs, other);
    }
}
