package dev.aegisvm.testkit;

import module java.base;

/** An image of this tag in an OCI layout, a directory that may hold others; made by umoci. */
public record OciImage(Path layout, String tag) {
    private static final List<String> APPLETS = List.of(
            "sh", "cat", "cp", "env", "find", "id", "ls", "mkdir", "mount", "pwd", "sleep", "sort", "stat", "true");

    public static OciImage empty(Path layout, String tag) throws IOException {
        OciImage image = new OciImage(layout, tag);
        if (Files.notExists(layout)) {
            Tool.run("umoci", "init", "--layout", layout.toString());
        }
        Tool.run("umoci", "new", "--image", image.path());
        return image;
    }

    /** An image with nothing but a static busybox and links to it. */
    public static OciImage busybox(Path layout, String tag) throws IOException {
        Path bin = Files.createTempDirectory(layout.toAbsolutePath().getParent(), "bin-");
        Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String applet : APPLETS) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        return empty(layout, tag).with(bin, "/bin");
    }

    public OciImage with(Path source, String target) throws IOException {
        Tool.run("umoci", "insert", "--image", path(), source.toString(), target);
        return this;
    }

    /** Sets what is in its configuration: options of {@code umoci config}, each without its {@code --config.} */
    public OciImage configured(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("umoci", "config", "--image", path()));
        for (String option : options) {
            command.add("--config." + option);
        }
        Tool.run(command.toArray(String[]::new));
        return this;
    }

    /** The layout and the tag, as umoci and skopeo want them. */
    public String path() {
        return layout + ":" + tag;
    }

    /** What skopeo and {@code --image} call it. */
    public String reference() {
        return "oci:" + path();
    }
}
