package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.SystemViews.StatusView;
import dev.aegisvm.testkit.TestHome;
import java.nio.file.FileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/install} over an installation whose daemon runs. */
@Tag("vm")
@Tag("slow")
class UpgradeTest {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String OTHER_BUILD = "another build";

    @TempDir(cleanup = CleanupMode.NEVER)
    static Path directory;

    private final Path checkout = directory.resolve("checkout");
    private final Path prefix = directory.resolve("prefix");
    private HomeFixture home;

    /** What {@code scripts/install} takes from a checkout. */
    @BeforeEach
    void install() throws Exception {
        for (String part : List.of(
                "scripts",
                "guest",
                "host/jail/build",
                "host/signals/build",
                "pom.xml",
                "cli/target",
                "daemon/target",
                "mcp/target")) {
            copy(CHECKOUT.resolve(part), checkout.resolve(part));
        }
        // No build that other scenarios run meanwhile: what is used anywhere is kept.
        installAnother("1");
        home = HomeFixture.create(prefix.resolve("bin"));
    }

    @AfterEach
    void uninstall() throws Exception {
        home.close();
        run("scripts/uninstall");
        try (Stream<Path> left = Files.walk(prefix)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
        TestHome.delete(directory);
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to.getParent());
        assertThat(new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    private void run(String script) throws Exception {
        Process process = new ProcessBuilder(checkout.resolve(script).toString(), prefix.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }

    /** As if a source of each program had been changed and compiled. */
    private void installAnother(String version) throws Exception {
        for (String room : List.of("cli", "daemon")) {
            try (Stream<Path> jars = Files.list(checkout.resolve(room + "/target"))) {
                Path jar = jars.filter(file -> file.getFileName().toString().matches(room + "-[0-9.]+\\.jar"))
                        .findFirst()
                        .orElseThrow();
                try (FileSystem content = FileSystems.newFileSystem(jar)) {
                    Files.writeString(content.getPath("changed"), version);
                }
            }
        }
        run("scripts/install");
    }

    private List<String> builds() throws IOException {
        try (Stream<Path> builds = Files.list(prefix.resolve("lib/aegisvm/bin/builds"))) {
            return builds.map(build -> build.getFileName().toString()).toList();
        }
    }

    private HomeFixture.Result soon(String... words) {
        long since = System.nanoTime();
        HomeFixture.Result result = home.aegis(words).ok();
        assertThat(Duration.ofNanos(System.nanoTime() - since))
                .as("%s", List.of(words))
                .isLessThan(SOON);
        return result;
    }

    private StatusView status() {
        return ApiJson.answer(
                StatusView.class, home.aegis("status", "--json").ok().stdout().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theOldDaemonAnswersEveryVerbAndTheNewOneHasTheInstance() throws Exception {
        home.startBox();
        String old = status().build();
        assertThat(builds()).containsExactly(old);

        installAnother("2");
        installAnother("3");
        assertThat(builds()).as("used, last and new").hasSize(3).contains(old);
        for (String line : List.of(
                "status",
                "instance list",
                "instance info box",
                "exec box -- true",
                "logs box",
                "instance pause box",
                "instance resume box",
                "instance keepalive box",
                "secret list",
                "image list",
                "events",
                "instance stop box",
                "instance start --name box")) {
            assertThat(soon(line.split(" ")).stderr())
                    .as(line)
                    .containsOnlyOnce(OTHER_BUILD)
                    .contains("aegis up --restart");
        }
        assertThat(status().build()).as("nothing but JSON on stdout").isEqualTo(old);

        home.aegis("instance", "pause", "box").ok();
        assertThat(home.aegis("up", "--restart").ok().stderr()).doesNotContain(OTHER_BUILD);
        assertThat(status().build()).isNotEqualTo(old);
        assertThat(home.aegis("exec", "box", "--", "echo", "there").ok().stdout())
                .isEqualTo("there\n");

        installAnother("4");
        assertThat(builds()).as("nobody uses the first any more").hasSize(2).doesNotContain(old);
    }
}
