package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A secret that a real guest uses and does not have, with a server of the test's own that sees it. */
@Tag("vm")
@NotInOuterVm("where values are kept")
class BoundSecretTest {
    /** Put together at run time, so that no class file has it. */
    private static final String CANARY = "canary-" + Long.toHexString(System.nanoTime() | 1L << 62);

    private static final String CURL = "curl -sS -m 60 -H \"X-Api-Key: $API_KEY\" ";

    @RegisterExtension
    @Order(1)
    static final SmallWorld WORLD = SmallWorld.create();

    @RegisterExtension
    @Order(2)
    static final HomeFixture HOME = WORLD.home().withDaemon();

    @BeforeEach
    void startAnAgent() throws IOException {
        set(CANARY);
        HOME.aegis(
                        "run",
                        "-d",
                        "--name",
                        "agent",
                        "--allow",
                        "app.test",
                        "--secret",
                        "API_KEY@api.test",
                        "--",
                        "sleep",
                        "600")
                .ok();
    }

    private static void set(String value) throws IOException {
        Path script = HOME.directory().resolve("set.sh");
        Path file = Files.writeString(HOME.directory().resolve("value"), value);
        Files.writeString(script, "\"$0\" secret set API_KEY <" + file);
        HOME.startShell(script).await().ok();
        Files.delete(file);
    }

    private static HomeFixture.Result shell(String script) {
        return in("agent", script);
    }

    private static HomeFixture.Result in(String name, String script) {
        return HOME.aegis("exec", name, "--", "sh", "-c", script);
    }

    @Test
    void theServerSeesTheValueAndTheGuestNowhereHasIt() throws Exception {
        String placeholder = shell("printenv API_KEY").ok().stdout().strip();
        assertThat(placeholder).matches("aegis-secret-[0-9a-f]{32}");
        assertThat(shell(CURL + "https://api.test/").ok().stdout()).startsWith("api.test at");
        assertThat(WORLD.lastSeen()).isEqualTo(CANARY + " None");
        String urllib = """
                import os, urllib.request
                request = urllib.request.Request('https://api.test/', headers={'Authorization': 'Bearer ' + os.environ['API_KEY']})
                print(urllib.request.urlopen(request).read().decode(), end='')
                """;
        assertThat(HOME.aegis("exec", "agent", "--", "python3", "-c", urllib)
                        .ok()
                        .stdout())
                .startsWith("api.test at");
        assertThat(WORLD.lastSeen()).isEqualTo("None Bearer " + CANARY);
        // Git, and an agent that tells its model what it has seen.
        shell("git -c http.extraHeader=\"Authorization: Bearer $API_KEY\" ls-remote https://api.test/project.git")
                .ok();
        assertThat(WORLD.lastSeen()).isEqualTo("None Bearer " + CANARY);
        assertThat(shell(CURL + "-X PUT -d \"I saw $API_KEY\" https://api.test/")
                        .ok()
                        .stdout())
                .isEqualTo("51 bytes\n");
        assertThat(shell("sync; env").ok().stdout()).doesNotContain(CANARY);
        // What is known to be there is found.
        assertThat(inMemory(placeholder)).isEqualTo("found\n");
        assertThat(inMemory(CANARY)).isEqualTo("not found\n");
        assertNowhere();
        HOME.aegis("stop", "agent").ok();
        HOME.aegis("start", "agent").ok();
        assertThat(shell("printenv API_KEY").ok().stdout().strip()).isEqualTo(placeholder);
        assertThat(shell(CURL + "https://api.test/").exitCode()).isZero();
        assertNowhere();
    }

    private static void assertNowhere() throws IOException {
        assertThat(Search.below(HOME.directory(), CANARY)).isEmpty();
        for (List<String> words : List.of(
                List.of("network", "log", "agent", "--json"),
                List.of("instance", "info", "agent", "--json"),
                List.of("logs", "agent", "--json"))) {
            assertThat(HOME.aegis(words.toArray(String[]::new)).ok().stdout())
                    .as(words.toString())
                    .doesNotContain(CANARY);
        }
    }

    private static String inMemory(String needle) throws IOException {
        return Search.inMemory(HOME.vmPids().getFirst(), needle);
    }

    @Test
    void aChangeCountsAtOnceAndADeletedSecretIsRefused() throws Exception {
        set("another-value");
        assertThat(shell(CURL + "https://api.test/").exitCode()).isZero();
        assertThat(WORLD.lastSeen()).isEqualTo("another-value None");
        HOME.aegis("secret", "delete", "API_KEY").ok();
        HomeFixture.Result refused = shell(CURL + "https://api.test/");
        assertThat(refused.stdout()).contains("aegis: there is no secret 'API_KEY'");
        assertThat(refused.stderr()).contains("refused: there is no secret 'API_KEY'");
    }

    @Test
    void aPlaceholderGoesNowhereElse() {
        assertThat(shell(CURL + "http://app.test/").stdout())
                .contains("the placeholder of the secret API_KEY was sent to app.test:80", "is only for api.test");
        assertThat(shell("curl -sS -m 60 \"https://api.test/?key=$API_KEY\"").stdout())
                .contains("in a URL; secrets go only into");
        assertThat(shell(CURL + "-H 'Host: evil.test' https://api.test/").stdout())
                .contains("has another host in its Host header");
        assertThat(shell(CURL + "-X TRACE https://api.test/").stdout()).contains("is a TRACE");
        // TLS for another name, on a connection to this one.
        HomeFixture.Result other = shell(CURL + "--connect-to evil.test:443:api.test:443 https://evil.test/");
        assertThat(other.exitCode()).isEqualTo(35);
        assertThat(other.stderr()).contains("but its request names evil.test");
        assertThat(HOME.aegis("network", "log", "agent").ok().stdout())
                .contains("the placeholder of the secret API_KEY");
    }

    private static String placeholderOf(String name) {
        return in(name, "printenv API_KEY").ok().stdout().strip();
    }

    /** What comes of a request with each of these placeholders, and why where that is a refusal. */
    private static List<String> send(String name, String... placeholders) {
        String script = "for key; do curl -s -m 60 -H \"X-Api-Key: $key\" https://api.test/ || echo none; done";
        List<String> words = new ArrayList<>(List.of("exec", name, "--", "sh", "-c", script, "sh"));
        words.addAll(List.of(placeholders));
        return HOME.aegis(words.toArray(String[]::new)).ok().stdout().lines().toList();
    }

    private static void assertAllAre(List<String> answers, int count, String sentence) {
        assertThat(answers).hasSize(count).allMatch(answer -> answer.contains(sentence));
    }

    @Test
    @Tag("check-all")
    void aForkHasAPlaceholderOfItsOwnBesideThoseInItsMemory() throws Exception {
        String old = placeholderOf("agent");
        HOME.aegis("fork", "agent", "--count", "2", "--name", "try").ok();
        HOME.aegis("fork", "try-1", "--name", "deep").ok();
        String one = placeholderOf("try-1");
        String two = placeholderOf("try-2");
        String deep = placeholderOf("deep");
        assertThat(Set.of(old, one, two, deep)).hasSize(4);
        assertThat(in("try-1", "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep '^API_KEY='")
                        .ok()
                        .stdout())
                .as("its main process goes on with its parent's")
                .contains(old, one);
        String served = "api.test at";
        String foreign = "a secret that this instance does not have";
        assertAllAre(send("try-1", old, one), 2, served);
        assertThat(WORLD.lastSeen()).isEqualTo(CANARY + " None");
        assertAllAre(send("deep", old, one, deep), 3, served);
        assertAllAre(send("agent", one, two, deep), 3, foreign);
        assertAllAre(send("try-1", two, deep), 2, foreign);
        assertAllAre(send("try-2", one, deep), 2, foreign);

        HOME.aegis("stop", "try-2").ok();
        HOME.aegis("start", "try-2").ok();
        assertThat(placeholderOf("try-2")).as("it stays").isEqualTo(two);
        assertAllAre(send("try-2", old, two), 2, served);

        HOME.aegis("network", "deny", "try-1", "api.test").ok();
        assertAllAre(send("try-1", old, one), 2, "none");
        assertThat(HOME.aegis("network", "log", "try-1").ok().stdout()).contains("--deny api.test");
        HOME.aegis("secret", "delete", "API_KEY").ok();
        assertAllAre(send("try-2", old, two), 2, "there is no secret 'API_KEY'");
        assertAllAre(send("agent", old), 1, "there is no secret 'API_KEY'");
    }

    @Test
    void othersHaveNoneOfIt() throws Exception {
        String script = "env | grep -c CA_BUNDLE; ls /etc/ssl/aegis-ca.pem";
        HomeFixture.Result plain = HOME.aegis("run", "--", "sh", "-c", script);
        assertThat(plain.stdout()).isEqualTo("0\n");
        assertThat(plain.exitCode()).isNotZero();
        // Another host of the same world has its own certificate, which this guest does not know.
        HOME.aegis("network", "allow", "agent", "plain.test").ok();
        assertThat(shell("curl -sS -m 60 https://plain.test/").exitCode()).isEqualTo(60);
        // Its certificate is among those that the administrator of this world's host has added.
        assertThat(HOME.aegis(
                                "run",
                                "--trust-host-cas",
                                "--allow",
                                "plain.test",
                                "--",
                                "curl",
                                "-sS",
                                "-m",
                                "60",
                                "https://plain.test/")
                        .ok()
                        .stdout())
                .startsWith("plain.test at");
    }
}
