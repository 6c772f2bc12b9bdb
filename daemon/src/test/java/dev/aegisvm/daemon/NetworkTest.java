package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.fake.*;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What a guest may reach: how that is asked for and changed, and that it holds. Guests send back what they get. */
@Timeout(60)
@ParameterizedClass
@MethodSource("dev.aegisvm.vmm.fake.Profile#all")
class NetworkTest {
    private static final byte[] HELLO = "hello\n".getBytes(StandardCharsets.UTF_8);

    private final Profile profile;

    @TempDir
    Path directory;

    private DaemonHarness daemon;
    private ServerSocket server;

    NetworkTest(Profile profile) {
        this.profile = profile;
    }

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, new FakeVmm(profile));
        server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        server.setSoTimeout(20_000);
    }

    @AfterEach
    void close() throws IOException {
        daemon.close();
        server.close();
    }

    private Http.Answer create(String fields) throws IOException {
        return daemon.http.post("/v1/instances", "{\"handle\":\"box\"" + fields + "}");
    }

    private ScriptedGuest running(String fields) throws IOException {
        assertThat(create(",\"command\":[\"sleep\"]" + fields).status()).isEqualTo(201);
        daemon.awaitState("box", "running");
        return daemon.vmm.last().guest();
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

    private String rule() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** A guest's program is there: it sends back what it gets. */
    private static void assertEchoes(Socket connection) throws IOException {
        connection.setSoTimeout(20_000);
        connection.getOutputStream().write(HELLO);
        assertThat(connection.getInputStream().readNBytes(HELLO.length)).isEqualTo(HELLO);
    }

    @Test
    void whatIsAskedForIsStoredAndShown() throws Exception {
        running(",\"network\":\"public\",\"allow\":[\"API.Example.com\",\"10.1.0.0/16\"],\"deny\":[\"*.evil.test\"]");
        daemon.restart();
        assertThat(network())
                .contains(
                        "\"mode\":\"public\",\"allow\":[\"api.example.com\",\"10.1.0.0/16\"],\"deny\":[\"*.evil.test\"]");
        assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"network\":{\"mode\":\"public\"");
        // What is given replaces what it had; the rest stays.
        assertThat(create(",\"allow\":[\"@github\"]").status()).isEqualTo(200);
        assertThat(network()).contains("\"mode\":\"allow\",\"allow\":[\"@github\"],\"deny\":[\"*.evil.test\"]");
    }

    @Test
    void toAllowSomethingIsToAllowThatAlone() throws Exception {
        running(",\"allow\":[\"api.example.com\"]");
        assertThat(network()).contains("\"mode\":\"allow\"");
        assertThat(daemon.vmm.last().spec().network()).isFalse();
    }

    @Test
    void whatMakesNoSenseIsRefusedWithWhatToWrite() throws Exception {
        for (String fields : List.of(
                ",\"allow\":[\"http://x/y\"]",
                ",\"network\":\"lan\"",
                ",\"network\":\"open\",\"allow\":[\"api.example.com\"]",
                ",\"allow\":[\"@nothing\"]",
                ",\"network\":\"none\",\"allow\":[\"api.example.com\"]")) {
            Http.Answer answer = create(",\"command\":[\"sleep\"]" + fields);
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        }
        assertThat(create(",\"command\":[\"sleep\"],\"network\":\"none\",\"allow\":[\"a.test\"]")
                        .body())
                .contains("start the instance with --network allow");
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void aPresetOfTheUsersIsReadWhenItIsAskedFor() throws Exception {
        Http.Answer empty = create(",\"command\":[\"sleep\"],\"allow\":[\"@maven\"]");
        assertThat(empty.body()).contains("@maven has no hosts yet: write maven = [", daemon.home.presets() + "; '");
        Files.writeString(daemon.home.presets(), "maven = ['packages.example.com']\n");
        running(",\"allow\":[\"@maven\"]");
        assertThat(test("https://packages.example.com/")).contains("\"allowed\":true,\"rule\":\"@maven\"");
        Files.delete(daemon.home.presets());
        assertThat(test("https://packages.example.com/")).contains("\"allowed\":false");
        Files.writeString(daemon.home.presets(), "maven = ['x']\nmaven = []\n");
        assertThatThrownBy(daemon::restart)
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("presets.toml")
                .hasMessageContaining("line 2");
        Files.delete(daemon.home.presets());
        daemon.restart();
        assertThat(network()).as("what is stored stays").contains("\"allow\":[\"@maven\"]");
    }

    @Test
    void aPolicyFileHasTheSameWordsAndFlagsAddToIt() throws Exception {
        String file = "network = 'public'\\nallow = ['10.1.0.0/16']\\ndeny = ['evil.test']";
        running(",\"policy\":\"" + file + "\",\"allow\":[\"10.2.0.0/16\"]");
        assertThat(network())
                .contains("\"mode\":\"public\",\"allow\":[\"10.1.0.0/16\",\"10.2.0.0/16\"],\"deny\":[\"evil.test\"]");
        assertThat(change("{\"policy\":\"allow = ['app.test']\",\"deny\":[\"x.test\"]}")
                        .body())
                .contains("\"mode\":\"allow\",\"allow\":[\"app.test\"],\"deny\":[\"x.test\"]");
        for (String wrong : List.of("allow = [", "allowed = []", "allow = ['@maven']", "network = 'open'")) {
            assertThat(change("{\"policy\":\"" + wrong + "\"}").status())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(network()).contains("\"allow\":[\"app.test\"]");
    }

    @Test
    void bytesMoveNoFasterThanTheRateEachWay() throws Exception {
        Http.Answer open = create(",\"command\":[\"sleep\"],\"network\":\"open\",\"network_rate\":\"1M\"");
        assertThat(open.status()).isEqualTo(400);
        assertThat(create(",\"command\":[\"sleep\"],\"network_rate\":\"fast\"").body())
                .contains("use bytes per second:");
        ScriptedGuest guest = running(",\"network_rate\":\"256K\",\"allow\":[\"" + rule() + "\"]");
        assertThat(network()).contains("\"rate\":\"256K\"");
        byte[] megabyte = new byte[1 << 20];
        guest.dial(1, "127.0.0.1", server.getLocalPort());
        try (Socket connection = server.accept()) {
            long begin = System.nanoTime();
            Thread.ofVirtual().start(() -> {
                try {
                    connection.getOutputStream().write(megabyte);
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
            });
            assertThat(connection.getInputStream().readNBytes(megabyte.length)).isEqualTo(megabyte);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(3500));
        }
    }

    @Test
    void aGuestThatFloodsHurtsItselfAlone() throws Exception {
        ScriptedGuest flooding = running(",\"allow\":[\"app.test\",\"127.0.0.1\"]");
        String address = address(flooding.resolve(1, query(SmallWorld.HOST)));
        assertThat(daemon.create("{\"handle\":\"calm\",\"command\":[\"sleep\"],\"allow\":[\"" + rule() + "\"]}"))
                .isNotEmpty();
        daemon.awaitState("calm", "running");
        ScriptedGuest calm = daemon.vmm.last().guest();
        var _ = daemon.world.silence();
        for (int id = 1; id <= 200; id++) {
            flooding.dial(id, address, server.getLocalPort());
        }
        calm.dial(1, "127.0.0.1", server.getLocalPort());
        try (Socket connection = server.accept()) {
            assertEchoes(connection);
            dialsUntilItIsEnded(flooding, address);
            daemon.awaitState("box", "stopped");
            assertEchoes(connection);
        }
    }

    private void dialsUntilItIsEnded(ScriptedGuest flooding, String address) {
        try {
            for (int id = 201; id <= 600; id++) {
                flooding.dial(id, address, server.getLocalPort());
            }
        } catch (IOException hungUp) {
            // The host has ended it before the last.
        }
    }

    @Test
    void anOpenNetworkFollowsNoRules() throws Exception {
        if (!profile.has(Capability.NETWORK)) {
            assertThat(create(",\"command\":[\"sleep\"],\"network\":\"open\"").status())
                    .isEqualTo(501);
            return;
        }
        running(",\"network\":\"open\"");
        assertThat(daemon.vmm.last().spec().network()).isTrue();
        Http.Answer answer = change("{\"allow\":[\"api.example.com\"]}");
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.body()).contains("is 'open', which has no rules");
    }

    @Test
    void whatIsAllowedIsRelayedAndLogged() throws Exception {
        ScriptedGuest guest = running(",\"allow\":[\"" + rule() + "\"]");
        guest.dial(1, "127.0.0.1", server.getLocalPort());
        try (Socket connection = server.accept()) {
            assertEchoes(connection);
            assertThat(network()).contains("\"connections\":1");
        }
        await().until(() -> log().contains("\"verdict\":\"allowed\""));
        assertThat(log())
                .contains("\"kind\":\"tcp\"", "\"address\":\"127.0.0.1\"", "\"rule\":\"" + rule() + "\"")
                .contains("\"bytes_up\":6,\"bytes_down\":6");
        assertThat(daemon.http.get("/v1/metrics").body())
                .contains("aegis_gateway_requests_total{kind=\"tcp\",verdict=\"allowed\"} 1.0");
    }

    @Test
    void whatIsNotAllowedIsRefusedWithWhatWouldAllowIt() throws Exception {
        ScriptedGuest guest = running(",\"network\":\"public\"");
        guest.dial(1, "10.0.0.1", 80);
        await().until(() -> network().contains("Z 10.0.0.1 is a private address"));
        assertThat(network()).contains("--allow 10.0.0.1:80");
        assertThat(daemon.http.get("/v1/instances/box/network/suggest").body()).contains("--allow 10.0.0.1:80");
        guest.dial(2, "10.0.0.2", 80);
        await().until(() -> network().contains("Z 10.0.0.2 is a private address"));
        assertThat(change("{\"allow\":[\"10.0.0.1\"]}").status()).isEqualTo(200);
        assertThat(network())
                .as("refused by the rules of now")
                .contains("10.0.0.2 is")
                .doesNotContain("10.0.0.1 is");
    }

    @Test
    void whoRunsSomethingIsToldWhatWasRefusedMeanwhile() throws Exception {
        ScriptedGuest guest = running(",\"network\":\"none\"");
        try (Http.Connection exec = daemon.http.upgrade("/v1/instances/box/exec", "{\"command\":[\"sleep\"]}")) {
            await().until(() ->
                    daemon.http.get("/v1/instances/box/execs").body().contains("exec_id"));
            guest.dial(1, "10.0.0.1", 80);
            await().until(() -> network().contains("this instance has no network"));
            String execId =
                    daemon.http.get("/v1/instances/box/execs").body().replaceAll(".*\"exec_id\":\"([^\"]+)\".*", "$1");
            daemon.http.delete("/v1/instances/box/execs/" + execId);
            assertThat(exec.rest()).contains("refused: this instance has no network");
        }
    }

    @Test
    void rulesChangeWhileItRunsAndOpenConnectionsEndWhenThatIsMeant() throws Exception {
        ScriptedGuest guest = running(",\"allow\":[\"" + rule() + "\"]");
        guest.dial(1, "127.0.0.1", server.getLocalPort());
        try (Socket connection = server.accept()) {
            assertEchoes(connection);
            assertThat(change("{\"deny\":[\"127.0.0.0/8\"]}").body()).contains("\"deny\":[\"127.0.0.0/8\"]");
            assertEchoes(connection);
            guest.dial(2, "127.0.0.1", server.getLocalPort());
            await().until(() -> network().contains("is refused by the rule --deny 127.0.0.0/8"));
            change("{\"now\":true}");
            assertThat(connection.getInputStream().readAllBytes()).isEmpty();
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
        change("{\"remove\":[\"127.0.0.0/8\"]}");
        guest.dial(3, "127.0.0.1", server.getLocalPort());
        server.accept().close();
    }

    @Test
    void aNameLeadsToItsHostAndToNoOther() throws Exception {
        ScriptedGuest guest = running(",\"allow\":[\"app.test\",\"127.0.0.1\"]");
        String address = address(guest.resolve(1, query(SmallWorld.HOST)));
        guest.dial(1, address, server.getLocalPort());
        try (Socket connection = server.accept()) {
            assertEchoes(connection);
        }
        await().until(() -> log().contains("\"kind\":\"tcp\",\"name\":\"app.test\""));
        assertThat(new Message(guest.resolve(2, query("other.test"))).getRcode())
                .isEqualTo(Rcode.NXDOMAIN);
        assertThat(network()).contains("other.test is not in the policy; allow it with --allow other.test");
    }

    private static byte[] query(String name) throws IOException {
        return Message.newQuery(Record.newRecord(Name.fromString(name + "."), Type.A, DClass.IN))
                .toWire();
    }

    private static String address(byte[] answer) throws IOException {
        return ((ARecord) new Message(answer).getSection(Section.ANSWER).getFirst())
                .getAddress()
                .getHostAddress();
    }

    @Test
    void anotherInstanceIsReachedByItsNameAndWakes() throws Exception {
        ExposedPorts ports = new ExposedPorts(daemon);
        ports.running("db", 80);
        ports.post("db", "stop");
        ScriptedGuest guest = running(",\"allow\":[\"instance:db\"]");
        String address = address(guest.resolve(1, query("db.aegis")));
        guest.dial(1, address, 80);
        daemon.awaitState("db", "running");
        await().until(() -> network().contains("\"connections\":1"));
        guest.dial(2, address, 81);
        await().until(() -> network().contains("allow them with: aegis network allow db from:box"));
        daemon.http.send("PATCH", "/v1/instances/db/network", "{\"allow\":[\"from:box\"]}");
        guest.dial(3, address, 81);
        await().until(() -> network().contains("\"connections\":2"));
        daemon.http.send("PATCH", "/v1/instances/db/network", "{\"deny\":[\"from:box\"]}");
        guest.dial(4, address, 80);
        await().until(() -> network().contains("connections from instance 'box' to its port 80"));
    }

    @Test
    void whoMayConnectToItIsNoMatterOfWhatItReaches() throws Exception {
        running(",\"network\":\"none\",\"allow\":[\"from:app\"]");
        assertThat(network()).contains("\"mode\":\"none\",\"allow\":[\"from:app\"]");
        ExposedPorts ports = new ExposedPorts(daemon);
        ports.post("box", "stop");
        assertThat(create(",\"allow\":[\"@github\"]").status()).isEqualTo(200);
        assertThat(network()).contains("\"mode\":\"allow\",\"allow\":[\"from:app\",\"@github\"]");
        daemon.awaitState("box", "running");
        ports.post("box", "stop");
        assertThat(create(",\"allow\":[\"from:web\"]").status()).isEqualTo(200);
        assertThat(network()).contains("\"mode\":\"allow\",\"allow\":[\"@github\",\"from:web\"]");
        assertThat(daemon.http.get("/v1/instances/box").body()).doesNotContain("a connection could not wake it");
    }

    @Test
    void aConnectionThatIsThereWhenItsGuestIsPausedWakesIt() throws Exception {
        ScriptedGuest guest = running(",\"idle_pause\":\"1h\",\"allow\":[\"app.test\",\"127.0.0.1\"]");
        String address = address(guest.resolve(1, query(SmallWorld.HOST)));
        CompletableFuture<Void> gate = daemon.world.silence();
        guest.dial(1, address, server.getLocalPort());
        await().until(() -> daemon.http.get("/v1/instances/box").body().contains("its guest is opening a connection"));
        new ExposedPorts(daemon).post("box", "pause");
        gate.complete(null);
        try (Socket connection = server.accept()) {
            assertEchoes(connection);
        }
        daemon.awaitState("box", "running");
    }

    @Test
    void bytesWakeAPausedGuestAndAnIdleConnectionIsNoUse() throws Exception {
        ScriptedGuest guest = running(",\"idle_pause\":\"1h\",\"allow\":[\"" + rule() + "\"]");
        guest.dial(1, "127.0.0.1", server.getLocalPort());
        try (Socket connection = server.accept()) {
            assertEchoes(connection);
            // What is counted late of these bytes wakes it once more.
            await().until(() -> daemon.http.post("/v1/instances/box/pause", "").status() == 200);
            assertEchoes(connection);
            daemon.awaitState("box", "running");
            assertThat(daemon.http.get("/v1/instances/box").body())
                    .contains("\"active_connections\":0")
                    .doesNotContain("its guest opens");
        }
    }

    private String test(String target) throws IOException {
        return daemon.http
                .post("/v1/instances/box/network/test", "{\"target\":\"" + target + "\"}")
                .body();
    }
}
