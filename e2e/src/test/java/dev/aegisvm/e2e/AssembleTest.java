package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/assemble} in a checkout with empty jars and a JVM that only leaves the files that a real one leaves. */
@Timeout(60)
class AssembleTest {
    private static final int AT_ONCE = 8;
    private static final String JVM = """
            #!/bin/sh
            for argument; do
                case $argument in
                    -XX:AOTCacheOutput=*) : >"${argument#*=}" ;;
                    dev.aegisvm.daemon.Main) mkdir -p "$AEGIS_HOME/data" && : >"$AEGIS_HOME/data/aegisd.pid" ;;
                esac
            done
            """;

    @TempDir
    Path checkout;

    @BeforeEach
    void makeCheckout() throws IOException {
        Files.createDirectory(checkout.resolve("scripts"));
        for (String script : List.of("scripts/assemble", "scripts/train")) {
            Files.copy(Path.of("..", script), checkout.resolve(script));
        }
        program("scripts/find-jdk", "#!/bin/sh\necho " + checkout + "/jdk\n");
        program("jdk/bin/java", JVM);
        program("jdk/release", "JAVA_RUNTIME_VERSION=\"25\"\n");
        program("guest/harness/build/aegis-tsc-khz", "");
        program("host/jail/build/aegis-jail", "");
        for (String room : List.of("cli", "daemon", "mcp")) {
            program(room + "/target/" + room + "-1.jar", "");
            program(room + "/target/lib/part.jar", "");
        }
    }

    private void program(String name, String text) throws IOException {
        Path file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A daemon that lacks memory in one thread would look alive and answer nothing. */
    @Test
    void theDaemonEndsWhenItHasNoMemory() throws IOException {
        assertThat(Files.readString(checkout.resolve("scripts/assemble")))
                .containsPattern("launcher aegisd [^\"]*\"[^\"]*-XX:\\+ExitOnOutOfMemoryError");
    }

    @Test
    void manyAtOnceDoNotSpoilEachOther() throws Exception {
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            all.add(new ProcessBuilder("scripts/assemble", "bin")
                    .directory(checkout.toFile())
                    .redirectErrorStream(true)
                    .start());
        }
        for (Process each : all) {
            String said = new String(each.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(each.waitFor()).as(said).isZero();
            assertThat(said).isEmpty();
        }
        try (Stream<Path> made = Files.walk(checkout.resolve("bin"))) {
            assertThat(made.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .contains(
                            "aegis",
                            "aegis.aot",
                            "aegisd",
                            "aegisd.aot",
                            "aegis-image.aot",
                            "aegis-mcp",
                            "aegis-mcp.aot")
                    .noneMatch(name -> name.startsWith(".new"));
        }
    }
}
