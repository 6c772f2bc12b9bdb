package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** An image in an OCI layout, made by umoci as an image's author would. */
final class OciImage {
    private static final List<String> APPLETS = List.of(
            "sh", "cat", "cp", "env", "find", "id", "ls", "mkdir", "mount", "pwd", "sleep", "sort", "stat", "true");

    private final Path layout;
    private final String tag;

    private OciImage(Path layout, String tag) {
        this.layout = layout;
        this.tag = tag;
    }

    /** An image without files. */
    static OciImage empty(Path layout, String tag) throws IOException {
        OciImage image = new OciImage(layout, tag);
        if (Files.notExists(layout)) {
            run("umoci", "init", "--layout", layout.toString());
        }
        run("umoci", "new", "--image", image.path());
        return image;
    }

    /** An image with nothing but a static busybox and links to it. */
    static OciImage busybox(Path layout, String tag) throws IOException {
        Path bin = Files.createTempDirectory(layout.toAbsolutePath().getParent(), "bin-");
        Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String applet : APPLETS) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        return empty(layout, tag).with(bin, "/bin");
    }

    /** Adds a layer with a file or directory of the host. */
    OciImage with(Path source, String target) throws IOException {
        run("umoci", "insert", "--image", path(), source.toString(), target);
        return this;
    }

    /** @param options of {@code umoci config}, each without its {@code --config.} */
    OciImage configured(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("umoci", "config", "--image", path()));
        for (String option : options) {
            command.add("--config." + option);
        }
        run(command.toArray(String[]::new));
        return this;
    }

    /** The layout and the tag, as umoci and skopeo want them. */
    String path() {
        return layout + ":" + tag;
    }

    String reference() {
        return "oci:" + path();
    }

    /** Runs a program of the host and insists that it succeeds. */
    static String run(String... command) throws IOException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue())
                .as("%s: %s", String.join(" ", command), output)
                .isZero();
        return output;
    }
}
