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
    static final HomeFixture HOME = WORLD.home().withDaemon();

    private static final GuestNetwork GUESTS = new GuestNetwork(HOME);

    @Test
    void theWorldIsReachedByNameAndByAddressOfEitherFamily() {
        String script = "curl -sS http://app.test/ http://93.184.216.34/ http://six.test/ 'http://[2606:4700::1111]/'";
        assertThat(GUESTS.run("--network public", "sh", "-c", script).ok().stdout())
                .isEqualTo("""
                        app.test at ::ffff:93.184.216.34
                        93.184.216.34 at ::ffff:93.184.216.34
                        six.test at 2606:4700::1111
                        [2606:4700::1111] at 2606:4700::1111
                        """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "10.7.0.2", "lan.test", "93.184.216.1", "[::ffff:10.7.0.2]"})
    void whatIsNearIsNot(String host) {
        HomeFixture.Result result =
                GUESTS.run("--network public", "curl", "-sS", "-w", "%{http_code}", "http://" + host + "/");
        assertThat(result.ok().stdout())
                .contains(" allow ")
                .doesNotContain("--")
                .endsWith("403");
        assertThat(result.stderr()).contains("refused: ", "--allow ");
    }

    @Test
    void aRangeOpensNeighboursAndNeverTheHost() {
        List<String> neighbours = List.of("lan.test", "beside.test", "151.101.0.2", "192.0.46.8");
        GUESTS.start("wide", "--network public");
        for (String host : neighbours) {
            assertThat(GUESTS.curl("wide", "http://" + host + "/").ok().stdout())
                    .startsWith("aegis: ")
                    .contains(" allow ");
        }
        HOME.aegis("network", "allow", "wide", "0.0.0.0/0", "::/0").ok();
        for (String host : neighbours) {
            assertThat(GUESTS.curl("wide", "http://" + host + "/").ok().stdout())
                    .startsWith(host + " at");
        }
        for (String host : List.of("home.test", "cloud.test", "169.254.169.254", "93.184.216.1", "[2a01:77::1]")) {
            assertThat(GUESTS.curl("wide", "-w", "%{http_code}", "http://" + host + "/")
                            .ok()
                            .stdout())
                    .contains("does not allow; ", " allow ")
                    .endsWith("403");
        }
        HomeFixture.Result told = HOME.aegis("network", "test", "wide", "http://home.test/");
        assertThat(told.exitCode()).isEqualTo(1);
        assertThat(told.stdout()).contains("home.test resolves to 127.0.0.1, an address of this host");
        assertThat(HOME.aegis("network", "test", "wide", "http://lan.test/")
                        .ok()
                        .stdout())
                .endsWith("at 10.7.0.2\n");
    }

    @Test
    void whatNoRuleNamesIsRefusedAtOnceAndCanBeAllowedWhileItRuns() {
        GUESTS.start("agent", "--allow app.test");
        assertThat(GUESTS.curl("agent", "http://app.test/").ok().stdout()).startsWith("app.test at");
        HomeFixture.Result refused = GUESTS.curl("agent", "http://evil.test/");
        assertThat(refused.exitCode()).isEqualTo(6);
        assertThat(refused.stderr())
                .contains("refused: evil.test is not in the policy; allow it with --allow evil.test");
        assertThat(HOME.aegis("instance", "info", "agent").ok().stdout())
                .containsPattern("network: +allow, allow app.test\n")
                .containsPattern("refused: +\\S+Z evil.test is not in the policy");
        assertThat(HOME.aegis("network", "log", "agent", "--suggest").ok().stdout())
                .isEqualTo("--allow app.test:80\n--allow evil.test\n");
        assertThat(HOME.aegis("network", "test", "agent", "http://evil.test/").exitCode())
                .isEqualTo(1);
        HOME.aegis("network", "allow", "agent", "evil.test").ok();
        assertThat(GUESTS.curl("agent", "http://evil.test/").ok().stdout()).startsWith("evil.test at");
        HOME.aegis("network", "deny", "agent", "evil.test").ok();
        // The guest knows its address for a minute: what is refused then is the connection.
        assertThat(GUESTS.curl("agent", "-w", "%{http_code}", "http://evil.test/")
                        .ok()
                        .stdout())
                .startsWith("aegis: ")
                .contains("evil.test")
                .endsWith("403");
    }

    /** In HTTP by a page, in TLS by an alert, and others by a reset, also those that wait for the server to begin. */
    @Test
    void aProgramThatIsRefusedIsToldInItsOwnProtocol() {
        GUESTS.start("told", "--allow app.test");
        assertThat(GUESTS.curl("told", "http://93.184.216.35/").ok().stdout())
                .isEqualTo("aegis: 93.184.216.35:80 is not in the policy; allow it with allow 93.184.216.35:80\n");
        HomeFixture.Result tls = GUESTS.curl("told", "-k", "https://93.184.216.35/");
        assertThat(tls.exitCode()).isEqualTo(35);
        assertThat(tls.stderr()).contains("access denied");
        String silent = """
                import socket
                try:
                    print(socket.create_connection(('93.184.216.35', 2222), 60).recv(1))
                except ConnectionResetError:
                    print('reset')
                """;
        assertThat(GUESTS.python("told", silent).ok().stdout()).isEqualTo("reset\n");
    }

    @Test
    void whoeverIsAllowedByNameHasToMeanThatName() {
        GUESTS.start("liar", "--allow app.test");
        assertThat(GUESTS.curl("liar", "-w", "%{http_code}", "-H", "Host: evil.test", "http://app.test/")
                        .ok()
                        .stdout())
                .contains("403", "app.test", "evil.test");
        assertThat(GUESTS.curl("liar", "--resolve", "evil.test:80:93.184.216.35", "http://evil.test/")
                        .ok()
                        .stdout())
                .contains("93.184.216.35:80 is not in the policy");
    }

    @Test
    void withoutANetworkThereIsNone() {
        HomeFixture.Result result = GUESTS.run("--network none", "curl", "-sS", "http://app.test/");
        assertThat(result.exitCode()).isEqualTo(6);
        assertThat(result.stderr()).contains("this instance has no network");
        assertThat(GUESTS.run("--network none", "cat", "/sys/class/net/eth0/operstate")
                        .stdout())
                .isEqualTo("down\n");
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
        assertThat(GUESTS.run("--network public", "python3", "-c", udp).ok().stdout())
                .isEqualTo("refused\n");
    }

    @Test
    void muchGoesBothWaysAndEachWayEndsByItself() {
        GUESTS.start("bulk", "--network public");
        assertThat(GUESTS.curl("bulk", "-o", "/dev/null", "-w", "%{size_download}", "http://app.test/bytes/20000000")
                        .ok()
                        .stdout())
                .isEqualTo("20000000");
        GUESTS.exec("bulk", "sh", "-c", "head -c 20000000 /dev/zero >/tmp/f").ok();
        assertThat(GUESTS.curl("bulk", "-T", "/tmp/f", "http://app.test/").ok().stdout())
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
        assertThat(GUESTS.python("bulk", talk).ok().stdout()).isEqualTo("first\necho\nlast\n");
        await().until(() -> HOME.aegis("network", "log", "bulk")
                .ok()
                .stdout()
                .contains("app.test:2222 (93.184.216.34) by public, 5 bytes up, 16 down"));
    }

    @Test
    void aDatabaseThatSleepsIsReachedByItsNameAndWakes() {
        GUESTS.serve(
                "db", "-p 80 --network none -w /etc", "python3 -m http.server 81 & exec python3 -m http.server 80");
        HOME.aegis("stop", "db").ok();
        GUESTS.start("app", "--allow instance:db");
        assertThat(GUESTS.curl("app", "http://db.aegis/hostname").ok().stdout()).isEqualTo("db\n");
        assertThat(HOME.aegis("ps").ok().stdout()).containsPattern("db +running");
        assertThat(GUESTS.curl("app", "http://db.aegis:81/hostname").stdout())
                .contains("to its port 81; allow them with: aegis network allow db from:app");
        HOME.aegis("network", "allow", "db", "from:app").ok();
        for (String sleep : List.of("pause", "stop")) {
            HOME.aegis("instance", sleep, "db").ok();
            assertThat(GUESTS.curl("app", "http://db.aegis:81/hostname").ok().stdout())
                    .isEqualTo("db\n");
        }
        HOME.aegis("network", "deny", "db", "from:app").ok();
        assertThat(GUESTS.curl("app", "http://db.aegis/hostname").stdout()).contains("does not accept");
    }

    @Test
    void aPortOfTheHostIsReachedWhereARuleNamesIt() {
        String port = HOME.aegis("status", "--json")
                .ok()
                .stdout()
                .replaceAll("(?s).*\"router_addr\":\"[^\"]*:(\\d+)\".*", "$1");
        GUESTS.start("guest", "--allow host.aegis:" + port);
        assertThat(GUESTS.curl("guest", "-o", "/dev/null", "-w", "%{http_code}", "http://host.aegis:" + port + "/")
                        .ok()
                        .stdout())
                .startsWith("4");
        assertThat(GUESTS.curl("guest", "http://host.aegis:1/").ok().stdout())
                .contains("host.aegis:1 is not in the policy");
    }

    /** The answer comes when all that a restored machine sends by itself has been sent. */
    @Test
    void anOpenNetworkReachesWhatTheHostReaches() {
        assertThat(GUESTS.run("--network open", "curl", "-sS", "-m", "60", "http://10.7.0.2/after/2")
                        .ok()
                        .stdout())
                .startsWith("10.7.0.2 at");
    }
}
