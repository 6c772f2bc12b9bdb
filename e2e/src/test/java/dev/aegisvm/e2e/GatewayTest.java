package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What guests reach through the gateway, and what not, in a world of the test's own. */
@Tag("vm")
class GatewayTest {
    @RegisterExtension
    @Order(1)
    static final SmallWorld WORLD = SmallWorld.create();

    @RegisterExtension
    @Order(2)
    static final HomeFixture HOME =
            HomeFixture.create().within(WORLD.entrance()).withDaemon();

    private static HomeFixture.Result run(String network, String... command) {
        List<String> words = new ArrayList<>(List.of("run"));
        words.addAll(List.of(network.split(" ")));
        words.add("--");
        words.addAll(List.of(command));
        return HOME.aegis(words.toArray(String[]::new));
    }

    private static HomeFixture.Result curl(String instance, String... arguments) {
        List<String> words = new ArrayList<>(List.of("exec", instance, "--", "curl", "-sS", "-m", "60"));
        words.addAll(List.of(arguments));
        return HOME.aegis(words.toArray(String[]::new));
    }

    private static void start(String name, String... options) {
        List<String> words = new ArrayList<>(List.of("run", "-d", "--name", name));
        words.addAll(List.of(options));
        words.addAll(List.of("--", "sleep", "infinity"));
        HOME.aegis(words.toArray(String[]::new)).ok();
    }

    @Test
    void theWorldIsReachedByNameAndByAddressOfEitherFamily() {
        String script = "curl -sS http://app.test/ http://93.184.216.34/ http://six.test/ 'http://[2606:4700::1111]/'";
        assertThat(run("--network public", "sh", "-c", script).ok().stdout()).isEqualTo("""
                        app.test at ::ffff:93.184.216.34
                        93.184.216.34 at ::ffff:93.184.216.34
                        six.test at 2606:4700::1111
                        [2606:4700::1111] at 2606:4700::1111
                        """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "10.7.0.2", "lan.test", "93.184.216.1", "[::ffff:10.7.0.2]"})
    void whatIsNearIsNot(String host) {
        HomeFixture.Result result = run("--network public", "curl", "-sS", "-m", "20", "http://" + host + "/");
        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(result.stderr()).contains("refused: ", "--allow ");
    }

    @Test
    void whatNoRuleNamesIsRefusedAtOnceAndCanBeAllowedWhileItRuns() {
        start("agent", "--allow", "app.test");
        assertThat(curl("agent", "http://app.test/").ok().stdout()).startsWith("app.test at");
        HomeFixture.Result refused = curl("agent", "http://evil.test/");
        assertThat(refused.exitCode()).isEqualTo(6);
        assertThat(refused.stderr())
                .contains("refused: evil.test is not in the policy; allow it with --allow evil.test");
        assertThat(HOME.aegis("instance", "info", "agent").ok().stdout())
                .contains("allow, allow app.test", "refused:     evil.test is not in the policy");
        assertThat(HOME.aegis("network", "log", "agent", "--suggest").ok().stdout())
                .isEqualTo("--allow app.test:80\n--allow evil.test\n");
        assertThat(HOME.aegis("network", "test", "agent", "http://evil.test/").exitCode())
                .isEqualTo(1);
        HOME.aegis("network", "allow", "agent", "evil.test").ok();
        assertThat(curl("agent", "http://evil.test/").ok().stdout()).startsWith("evil.test at");
        HOME.aegis("network", "deny", "agent", "evil.test").ok();
        assertThat(curl("agent", "http://evil.test/").exitCode()).isEqualTo(6);
    }

    @Test
    void whoeverIsAllowedByNameHasToMeanThatName() {
        start("liar", "--allow", "app.test");
        assertThat(curl("liar", "-w", "%{http_code}", "-H", "Host: evil.test", "http://app.test/")
                        .ok()
                        .stdout())
                .contains("403", "app.test", "evil.test");
        assertThat(curl("liar", "--resolve", "evil.test:80:93.184.216.35", "http://evil.test/")
                        .exitCode())
                .isEqualTo(7);
    }

    @Test
    void withoutANetworkThereIsNone() {
        HomeFixture.Result result = run("--network none", "curl", "-sS", "http://app.test/");
        assertThat(result.exitCode()).isEqualTo(6);
        assertThat(result.stderr()).contains("this instance has no network");
        assertThat(run("--network none", "cat", "/sys/class/net/eth0/operstate").stdout())
                .doesNotContain("up");
    }

    @Test
    void whatIsNeitherTcpNorAQuestionFailsAtOnce() {
        String udp = """
                import socket
                try:
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('93.184.216.34', 443))
                    print('sent')
                except OSError:
                    print('refused')
                """;
        assertThat(run("--network public", "python3", "-c", udp).ok().stdout()).isEqualTo("refused\n");
    }

    @Test
    void muchGoesBothWaysAndEachWayEndsByItself() {
        start("bulk", "--network", "public");
        assertThat(curl("bulk", "-o", "/dev/null", "-w", "%{size_download}", "http://app.test/bytes/20000000")
                        .ok()
                        .stdout())
                .isEqualTo("20000000");
        HOME.aegis("exec", "bulk", "--", "sh", "-c", "head -c 20000000 /dev/zero >/tmp/f")
                .ok();
        assertThat(curl("bulk", "-T", "/tmp/f", "http://app.test/").ok().stdout())
                .isEqualTo("20000000 bytes\n");
        String talk = """
                import socket
                talk = socket.create_connection(('app.test', 2222))
                heard = talk.makefile()
                print(heard.readline(), end='')
                talk.sendall(b'echo\\n')
                talk.shutdown(socket.SHUT_WR)
                print(heard.read(), end='')
                """;
        assertThat(HOME.aegis("exec", "bulk", "--", "python3", "-c", talk).ok().stdout())
                .isEqualTo("first\necho\nlast\n");
        await().until(() -> HOME.aegis("network", "log", "bulk")
                .ok()
                .stdout()
                .contains("app.test:2222 (93.184.216.34) by public, 5 bytes up, 16 down"));
    }

    @Test
    void aDatabaseThatSleepsIsReachedByItsNameAndWakes() {
        HOME.aegis("run", "-d", "--name", "db", "-p", "80", "--", "python3", "-m", "http.server", "80")
                .ok();
        HOME.aegis("stop", "db").ok();
        start("app", "--allow", "instance:db");
        assertThat(curl("app", "http://db.aegis/").ok().stdout()).contains("Directory listing");
        assertThat(HOME.aegis("ps").ok().stdout()).containsPattern("db +running");
        assertThat(curl("app", "http://db.aegis:81/").stderr()).contains("does not expose its port 81");
    }

    @Test
    void aPortOfTheHostIsReachedWhereARuleNamesIt() {
        String port = HOME.aegis("status", "--json")
                .ok()
                .stdout()
                .replaceAll("(?s).*\"router_addr\":\"[^\"]*:(\\d+)\".*", "$1");
        start("guest", "--allow", "host.aegis:" + port);
        assertThat(curl("guest", "-o", "/dev/null", "-w", "%{http_code}", "http://host.aegis:" + port + "/")
                        .ok()
                        .stdout())
                .startsWith("4");
        assertThat(curl("guest", "http://host.aegis:1/").exitCode()).isEqualTo(7);
    }

    @Test
    void anOpenNetworkReachesWhatTheHostReaches() {
        assertThat(run("--network open", "curl", "-sS", "-m", "60", "http://10.7.0.2/")
                        .ok()
                        .stdout())
                .startsWith("10.7.0.2 at");
    }

    @Test
    void aRootThatDeletesTheRulesHasNoNetwork() {
        String script = "ip link del aegis0 2>/dev/null || true; curl -sS -m 10 http://93.184.216.34/";
        assertThat(run("--network public", "sh", "-c", script).exitCode()).isNotZero();
    }
}
