package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scripts/assemble}, and {@code scripts/train} after the first command, in a checkout with empty jars and a JVM that
 * only leaves the files that a real one leaves, and notes how it was started.
 */
@Timeout(60)
class AssembleTest {
    private static final int AT_ONCE = 8;
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final String JVM = """
            #!/bin/sh
            echo "sid $(ps -o sid=,ni= -p $$) $*" >>"$0.log"
            for argument; do
                case $argument in
                    -XX:AOTCacheOutput=*) [ "$BROKEN" ] || echo cache >"${argument#*=}" ;;
                    -Daegis.bin=*) bin=${argument#*=} ;;
                    dev.aegisvm.daemon.Main) mkdir -p "$AEGIS_HOME/data" && : >"$AEGIS_HOME/data/aegisd.pid" ;;
                    dev.aegisvm.cli.Rehearsal) "$bin/aegis" nested
                        [ "$NESTED" ] || NESTED=yes "$bin/../scripts/train" "$bin" "$bin/other" ;;
                    dev.aegisvm.cli.Aegis) read -r _ ;;
                esac
            done
            """;
    private static final String TRAINS = "-XX:AOTCacheOutput=";

    @TempDir
    Path checkout;

    @BeforeEach
    void makeCheckout() throws IOException {
        Files.createDirectory(checkout.resolve("scripts"));
        Files.createDirectory(checkout.resolve("tmp"));
        for (String script : List.of("scripts/assemble", "scripts/train")) {
            Files.copy(Path.of("..", script), checkout.resolve(script));
        }
        program("scripts/find-jdk", "#!/bin/sh\necho " + checkout + "/jdk\n");
        program("scripts/version", "#!/bin/sh\necho 1\n");
        program("jdk/bin/java", JVM);
        program("jdk/release", "JAVA_RUNTIME_VERSION=\"25\"\n");
        program("cli/target/cli-1-rehearsal.jar", "");
        program("guest/harness/build/aegis-tsc-khz", "");
        program("host/jail/build/aegis-jail", "");
        program("host/signals/build/libaegis-signals.so", "");
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

    /** It lies in the room's target directory where a checkout was built before its version changed. */
    @Test
    void aJarOfAnEarlierVersionStaysOut() throws Exception {
        program("daemon/target/daemon-0.jar", "");
        endsSilently(start("", "scripts/assemble", "bin"));
        assertThat(Files.readString(checkout.resolve("bin/aegisd")))
                .contains("daemon-1.jar")
                .doesNotContain("daemon-0.jar");
    }

    @Test
    void manyAtOnceDoNotSpoilEachOther() throws Exception {
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            all.add(start("", "scripts/assemble", "bin"));
        }
        for (Process each : all) {
            endsSilently(each);
        }
        try (Stream<Path> made = Files.walk(checkout.resolve("bin"))) {
            assertThat(made.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .contains("aegis", "aegisd", "aegis-mcp")
                    .noneMatch(name -> name.startsWith(".new"));
        }
    }

    @Test
    void startUpCachesAreMadeOnceWhenTheFirstCommandHasEnded() throws Exception {
        endsSilently(start("", "scripts/assemble", "bin"));
        Process first = start("", "bin/aegis", "first");
        await().until(() -> Files.exists(checkout.resolve("jdk/bin/java.log")));
        endsSilently(start("", "bin/aegis", "second"));
        assertThat(jvms()).hasSize(2).noneMatch(each -> each.contains(TRAINS));
        endsSilently(first);

        await().atMost(LONG).until(() -> Files.exists(cache("aegisd")));
        // It waits for the other one, and has nothing to do.
        endsSilently(start("", "scripts/train", "bin"));
        String here = jvms().getFirst().split(" -", 2)[0];
        assertThat(jvms())
                .anyMatch(each -> each.endsWith("nested"))
                .filteredOn(each -> each.contains(TRAINS))
                .hasSize(4)
                .noneMatch(each -> each.startsWith(here));
        assertThat(Stream.of("aegis", "aegisd", "aegis-mcp", "aegis-image").map(this::cache))
                .allMatch(Files::exists);
        assertThat(checkout.resolve("tmp")).isEmptyDirectory();
        assertThat(cache("aegis").getParent()).isDirectoryNotContaining("glob:**/.new*");
    }

    /** Or each command would begin again. */
    @Test
    void aStartUpCacheThatCannotBeMadeIsTriedOnce() throws Exception {
        endsSilently(start("", "scripts/assemble", "bin"));
        endsSilently(start("yes", "bin/aegis", "first"));
        await().atMost(LONG).until(() -> Files.exists(cache("aegisd")));
        program("scripts/train", "#!/bin/sh\n: >" + checkout + "/again\n");
        endsSilently(start("", "bin/aegis", "second"));
        assertThat(checkout.resolve("again")).doesNotExist();
        Files.delete(cache("aegis"));
        endsSilently(start("", "bin/aegis", "third"));
        assertThat(checkout.resolve("again")).exists();
    }

    private Process start(String broken, String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(checkout.toFile()).redirectErrorStream(true);
        builder.environment().put("BROKEN", broken);
        builder.environment().put("TMPDIR", checkout.resolve("tmp").toString());
        return builder.start();
    }

    private static void endsSilently(Process process) throws Exception {
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).isEmpty();
    }

    /** How each JVM was started. */
    private List<String> jvms() throws IOException {
        return Files.readAllLines(checkout.resolve("jdk/bin/java.log"));
    }

    private Path cache(String program) {
        try (Stream<Path> builds = Files.list(checkout.resolve("bin/builds"))) {
            return builds.toList().getFirst().resolve(program + ".aot");
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
