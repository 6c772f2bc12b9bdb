package dev.aegisvm.e2e;

import module java.base;
import dev.aegisvm.testkit.OciImage;

/** An image with nothing but a static busybox and links to it. */
final class BusyboxImage {
    private static final List<String> APPLETS = List.of(
            "sh", "cat", "cp", "env", "find", "id", "ls", "mkdir", "mount", "pwd", "sleep", "sort", "stat", "true");

    private BusyboxImage() {}

    static OciImage make(Path layout, String tag) throws IOException {
        Path bin = Files.createTempDirectory(layout.toAbsolutePath().getParent(), "bin-");
        Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String applet : APPLETS) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        return OciImage.empty(layout, tag).with(bin, "/bin");
    }
}
