package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which kernel {@code scripts/prepare-guest} takes, with recipes that make empty files. */
class GuestKernelTest {
    private static final String KERNEL = """
            #!/bin/sh
            [ "$1" != package ] || { echo %1$s=1; exit; }
            echo %1$s >>"$(dirname "$0")/made"
            mkdir "$1" && : >"$1/vmlinux"
            """;

    @TempDir
    Path checkout;

    private Path cache;

    @BeforeEach
    void makeCheckout() throws IOException {
        cache = Files.createDirectory(checkout.resolve("cache"));
        for (String script : List.of("prepare-guest", "progress.sh")) {
            program("scripts/" + script, Files.readString(Path.of("../scripts", script)));
        }
        program("guest/harness/build/aegis-harness", "the harness");
        program("guest/kernel/build", KERNEL.formatted("ours"));
        program("guest/kernel/fetch", KERNEL.formatted("debians"));
        program("guest/initramfs/build", "#!/bin/sh\n: >\"$3\"");
        program("guest/base/build", "#!/bin/sh\n: >\"$1\"");
        for (String list : List.of(
                "kernel/options", "kernel/9p.patch", "kernel/netfs.patch", "kernel/modules.list", "base/base.list")) {
            program("guest/" + list, "");
        }
    }

    private void program(String name, String text) throws IOException {
        Path file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Returns what it said. */
    private String prepare(String... environment) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "-u", "AEGIS_KERNEL", "AEGIS_CACHE=" + cache));
        command.addAll(List.of(environment));
        command.add(checkout.resolve("scripts/prepare-guest").toString());
        return Tool.run(command.toArray(String[]::new));
    }

    private String kind() throws IOException {
        try (Stream<String> lines = Files.lines(cache.resolve("guest.properties"))) {
            return lines.filter(line -> line.startsWith("# kernel "))
                    .findFirst()
                    .orElseThrow()
                    .split(" ", -1)[2];
        }
    }

    private List<String> made() throws IOException {
        return Files.readAllLines(checkout.resolve("guest/kernel/made"));
    }

    @Test
    void itIsDebiansUntilOursWasAskedForAndThenOurs() throws Exception {
        prepare();
        assertThat(kind()).isEqualTo("debian");
        prepare("AEGIS_KERNEL=own");
        assertThat(kind()).isEqualTo("own");
        prepare();
        assertThat(kind()).isEqualTo("own");
        assertThat(made()).containsExactly("debians", "ours");
    }

    @Test
    void eachIsMadeOnce() throws Exception {
        for (String kernel : List.of("own", "debian", "own", "debian")) {
            prepare("AEGIS_KERNEL=" + kernel);
            assertThat(kind()).isEqualTo(kernel);
        }
        assertThat(made()).containsExactly("ours", "debians");
    }

    @Test
    void afterAChangeOursIsNotBuiltUnasked() throws Exception {
        prepare("AEGIS_KERNEL=own");
        program("guest/kernel/options", "MORE");
        assertThat(prepare()).contains("make kernel", "Debian's kernel, because AegisVM's own is out of date");
        assertThat(kind()).isEqualTo("debian");
        program("guest/kernel/options", "");
        prepare("AEGIS_KERNEL=own");
        assertThat(made()).as("that of the old options is still there").containsExactly("ours", "debians");
    }

    @Test
    void anotherWordIsRefused() {
        assertThatThrownBy(() -> prepare("AEGIS_KERNEL=mine")).hasMessageContaining("own or debian, not mine");
    }
}
