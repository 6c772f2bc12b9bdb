package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.fake.Profile;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of rules and destinations before a guest connects. */
@Timeout(60)
@ParameterizedClass
@MethodSource("dev.aegisvm.vmm.fake.Profile#all")
class NetworkVerdictsTest {
    @AutoClose
    private final DaemonHarness daemon;

    NetworkVerdictsTest(Profile profile) {
        daemon = DaemonHarness.open(profile);
    }

    private Http.Answer create(String fields) throws IOException {
        return daemon.http.post("/v1/instances", "{\"handle\":\"box\"" + fields + "}");
    }

    private void running(String fields) throws IOException {
        assertThat(create(",\"command\":[\"sleep\"]" + fields).status()).isEqualTo(201);
        daemon.awaitState("box", "running");
    }

    private String network() throws IOException {
        return daemon.http.get("/v1/instances/box/network").body();
    }

    private String log() throws IOException {
        return daemon.http.get("/v1/instances/box/network/log").body();
    }

    private Http.Answer change(String body) throws IOException {
        return daemon.http.send("PATCH", "/v1/instances/box/network", body);
    }

    private String test(String target) throws IOException {
        return daemon.http
                .post("/v1/instances/box/network/test", "{\"target\":\"" + target + "\"}")
                .body();
    }

    @Test
    void whoPassesOnTheWishesOfOthersSaysWhichPortsOfTheHostTheyMayHave() throws Exception {
        Files.writeString(daemon.home.presets(), "office = ['10.1.0.0/16', '127.0.0.1:5432']\n");
        for (String rule : List.of(
                "host.aegis:8081", "127.0.0.1:8081", "127.0.0.1", "::1", "0.0.0.0", "169.254.169.254:80", "@office")) {
            Http.Answer refused = create(",\"command\":[\"sleep\"],\"host_ports\":[8080],\"allow\":[\"" + rule + "\"]");
            assertThat(refused.status()).as(rule).isEqualTo(400);
            assertThat(refused.body())
                    .contains("the rule " + rule
                            + " gives the guest access to this host, which a person has to allow, port by port")
                    .contains("ask the person to write mcp.allow_host_ports = [");
        }
        String file = ",\"command\":[\"sleep\"],\"host_ports\":[],\"policy\":\"allow = ['host.aegis:8080']\"";
        assertThat(create(file).body()).contains("allow_host_ports = [8080]");
        running(",\"host_ports\":[8080],\"allow\":[\"host.aegis:8080\",\"0.0.0.0/0\",\"10.1.2.3:80\"]");
        assertThat(change("{\"host_ports\":[8080],\"allow\":[\"host.aegis:9000\"]}")
                        .body())
                .contains("allow_host_ports = [9000]");
        assertThat(change("{\"host_ports\":[],\"policy\":\"allow = ['host.aegis:9000']\"}")
                        .status())
                .isEqualTo(400);
        assertThat(change("{\"allow\":[\"host.aegis:9000\"]}").status()).isEqualTo(200);
        assertThat(change("{\"host_ports\":[],\"allow\":[\"api.test\"]}").status())
                .isEqualTo(200);
        assertThat(change("{\"deny\":[\"127.0.0.0/8\",\"a.test\"]}").status()).isEqualTo(200);
        assertThat(change("{\"host_ports\":[],\"remove\":[\"127.0.0.0/8\"]}").body())
                .as("what the rule covered")
                .contains("gives the guest access to this host");
        assertThat(daemon.http.post("/v1/instances/box/stop", "").status()).isEqualTo(200);
        assertThat(create(",\"host_ports\":[],\"memory_mb\":512").status()).isEqualTo(200);
        assertThat(network()).as("what a person gave").contains("host.aegis:8080", "host.aegis:9000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8410", "host:8410", "host.containers.internal:8410"})
    void aRuleThatReachesNothingIsRefusedWithWhatWasMeant(String rule) throws Exception {
        String meant = "'" + rule + "' reaches nothing: a guest reaches this host as host.aegis; write host.aegis:8410";
        assertThat(create(",\"command\":[\"sleep\"],\"allow\":[\"" + rule + "\"]")
                        .body())
                .contains(meant);
        running("");
        assertThat(change("{\"allow\":[\"" + rule + "\"]}").body()).contains(meant);
    }

    @Test
    void aTestTellsWhereANameLeads() throws Exception {
        running(",\"network\":\"public\",\"allow\":[\"0.0.0.0/0\"],\"deny\":[\"gone.test\"]");
        assertThat(test("http://app.test/"))
                .contains(
                        "\"allowed\":false",
                        "app.test resolves to 127.0.0.1, a loopback address, which the rule 0.0.0.0/0");
        change("{\"allow\":[\"127.0.0.1:80\"]}");
        assertThat(test("http://app.test/")).contains("\"allowed\":true", "allowed by public, at 127.0.0.1\"");
        assertThat(test("nowhere.test")).contains("\"allowed\":true", "but this host cannot resolve it");
        var silent = daemon.world.silence();
        assertThat(test("gone.test")).as("is asked of nobody").contains("\"allowed\":false", "--deny gone.test");
        silent.complete(null);
        assertThat(log()).isEmpty();
    }

    @Test
    void anotherInstanceIsReachedOnlyWhereItAcceptsThat() throws Exception {
        running(",\"allow\":[\"instance:db\"]");
        assertThat(test("db.aegis:5432")).contains("\"allowed\":false", "but there is no instance 'db'");
        daemon.running("db");
        assertThat(test("db.aegis:5432"))
                .contains("\"allowed\":false", "does not accept connections from instance 'box' to its port 5432")
                .contains("aegis network allow db from:box");
        daemon.http.send("PATCH", "/v1/instances/db/network", "{\"allow\":[\"from:box\"]}");
        assertThat(test("db.aegis:5432")).contains("\"allowed\":true");
        assertThat(test("instance:db:5432")).as("as a rule names it").contains("instance:db:5432", "\"allowed\":true");
    }

    @Test
    void aTargetIsJudgedWithoutAWord() throws Exception {
        running(",\"allow\":[\"api.example.com\",\"10.1.0.0/16:22\"]");
        assertThat(test("https://api.example.com/simple/"))
                .contains("\"target\":\"api.example.com:443\",\"allowed\":true,\"rule\":\"api.example.com\"");
        assertThat(test("ssh://git@10.1.2.3/x")).contains("\"target\":\"10.1.2.3:22\",\"allowed\":true");
        assertThat(test("evil.test:8443")).contains("\"allowed\":false", "allow it with --allow evil.test");
        assertThat(test("[fd00::1]:80")).contains("\"target\":\"[fd00::1]:80\",\"allowed\":false");
        assertThat(test("http://")).contains("is not a destination");
        assertThat(test("@npm")).contains("'@npm' is not a destination");
        assertThat(log()).isEmpty();
    }
}
