package dev.aegisvm.vmm;

import java.nio.file.Path;

/**
 * The files a guest boots from. They are never written, and their names change when their contents do.
 *
 * @param kernel the uncompressed kernel (an ELF file with a PVH entry)
 * @param initramfs a cpio archive with the harness as {@code /init} and the modules it loads
 * @param root the root file system, an EROFS image
 */
public record GuestImage(Path kernel, Path initramfs, Path root) {
    /** The same kernel with another root file system. */
    public GuestImage withRoot(Path other) {
        return new GuestImage(kernel, initramfs, other);
    }
}
