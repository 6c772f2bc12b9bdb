package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Secrets in real guests, and a canary that must be nowhere else. */
@Tag("vm")
@NotInOuterVm("where values are kept")
class SecretsTest {
    /** Put together at run time, so that no class file has it. */
    private static final String CANARY = "canary-" + Long.toHexString(System.nanoTime() | 1L << 62);

    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    private void set(String name, String value) throws IOException {
        Path script = home.directory().resolve("set.sh");
        Path file = Files.writeString(home.directory().resolve("value"), value);
        Files.writeString(script, "\"$0\" secret set " + name + " <" + file);
        assertThat(home.startShell(script).await().ok().stdout()).isEqualTo(name + ": set\n");
        Files.delete(file);
    }

    @Test
    void aSecretIsInTheProcessesAndNowhereElse() throws Exception {
        set("API_KEY", CANARY);
        assertThat(home.aegis("run", "--secret", "API_KEY", "--", "sh", "-c", "echo ${#API_KEY}")
                        .ok()
                        .stdout())
                .isEqualTo(CANARY.length() + "\n");
        assertThat(home.aegis("run", "--", "sh", "-c", "echo ${API_KEY-none}")
                        .ok()
                        .stdout())
                .isEqualTo("none\n");
        home.aegis("instance", "start", "--name", "box", "--secret", "*", "--", "sleep", "600")
                .ok();
        assertThat(home.aegis("exec", "box", "--", "sh", "-c", "echo ${#API_KEY} $AEGIS_INSTANCE_ID; sync")
                        .ok()
                        .stdout())
                .matches(CANARY.length() + " inst-[0-9a-f]{12}\n");
        assertNowhere();
        home.aegis("instance", "stop", "box").ok();
        assertNowhere();
        home.aegis("down").ok();
        assertNowhere();
        assertThat(Search.below(HomeFixture.cache(), CANARY)).isEmpty();
    }

    private void assertNowhere() throws IOException {
        assertThat(Search.below(home.directory(), CANARY)).isEmpty();
        assertThat(commandLines()).isEmpty();
        for (List<String> words : List.of(
                List.of("secret", "list", "--json"),
                List.of("instance", "list", "--json"),
                List.of("instance", "info", "box", "--json"),
                List.of("logs", "box", "--json"),
                List.of("events", "--json"))) {
            HomeFixture.Result answer = home.aegis(words.toArray(String[]::new));
            assertThat(answer.stdout() + answer.stderr()).as(words.toString()).doesNotContain(CANARY);
        }
    }

    /** A canary that is there is found: in a file with a hole before it, too. */
    @Test
    void theSearchFindsWhatIsThere() throws IOException {
        Path file = home.directory().resolve("sparse");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.seek((1L << 36) + 4090);
            sparse.write(CANARY.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(Search.below(home.directory(), CANARY)).isEqualTo(file + "\n");
    }

    private static List<String> commandLines() throws IOException {
        List<String> found = new ArrayList<>();
        try (var processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(each -> Files.isReadable(each.resolve("cmdline")))
                    .toList()) {
                String line = read(process.resolve("cmdline"));
                if (line.contains(CANARY)) {
                    found.add(line);
                }
            }
        }
        return found;
    }

    /** Nothing, when the process has ended meanwhile. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    @Test
    void aChangedSecretIsSeenAfterTheNextBootAndALostKeyStopsOnlyThoseWhoNeedIt() throws Exception {
        set("API_KEY", "first");
        home.aegis("instance", "start", "--name", "box", "--secret", "API_KEY", "--env", "OWN=a", "--", "sleep", "600")
                .ok();
        assertThat(variable()).isEqualTo("first\n");
        set("API_KEY", "second");
        assertThat(variable()).isEqualTo("first\n");
        home.aegis("instance", "stop", "box").ok();
        home.aegis("instance", "start", "--name", "box").ok();
        assertThat(variable()).isEqualTo("second\n");
        home.aegis("instance", "stop", "box").ok();
        Path key = home.directory().resolve("master.key");
        Path away = Files.move(key, home.directory().resolve("away"));
        HomeFixture.Result start = home.aegis("instance", "start", "--name", "box");
        assertThat(start.exitCode()).isEqualTo(125);
        assertThat(start.stderr()).contains("the master key " + key + " is missing");
        assertThat(home.aegis("run", "--", "echo", "goes on").ok().stdout()).isEqualTo("goes on\n");
        HomeFixture.Result unknown = home.aegis("run", "--secret", "NO_KEY", "--", "true");
        assertThat(unknown.exitCode()).isEqualTo(125);
        assertThat(unknown.stderr()).contains("there is no secret 'NO_KEY'", "aegis secret set NO_KEY");
        Files.move(away, key);
        home.aegis("instance", "start", "--name", "box").ok();
        assertThat(variable()).isEqualTo("second\n");
    }

    private String variable() {
        return home.aegis("exec", "box", "--", "sh", "-c", "echo $API_KEY").ok().stdout();
    }
}
