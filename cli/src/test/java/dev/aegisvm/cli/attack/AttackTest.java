package dev.aegisvm.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.cli.attack.Finding.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is a breach, and that each probe can fail. The whole, with VMs, is e2e's AttackTest. */
class AttackTest {
    private Bait bait;

    @BeforeEach
    void lay() throws IOException {
        bait = new Bait();
    }

    @AfterEach
    void remove() throws IOException {
        bait.close();
        assertThat(bait.workspace()).doesNotExist();
    }

    private int port() {
        return Integer.parseInt(bait.told().getFirst().substring("port=".length()));
    }

    private static Verdict verdict(String probe, Map<String, String> first, Map<String, String> second)
            throws IOException {
        return verdict(probe, new Probe.Evidence(first, second, Map.of(), Map.of()));
    }

    private static Verdict verdict(String probe, Probe.Evidence evidence) throws IOException {
        Probe found = Probe.all().stream()
                .filter(each -> each.id().equals(probe))
                .findFirst()
                .orElseThrow();
        return found.finding(evidence).verdict();
    }

    @Test
    void whoeverReachesTheListenersIsNoticed() throws IOException {
        assertThat(bait.reached()).isEmpty();
        InetAddress host = InetAddress.ofLiteral("127.0.0.1");
        new Socket(host, port()).close();
        await().until(() -> bait.reached().keySet().containsAll(List.of("loopback-tcp", "loopback-raw-tcp")));
        try (DatagramSocket udp = new DatagramSocket()) {
            udp.send(new DatagramPacket(new byte[1], 1, host, port()));
        }
        await().until(() -> bait.reached().keySet().containsAll(List.of("loopback-udp", "loopback-raw-udp")));
        assertThat(verdict(
                        "loopback-raw-udp",
                        new Probe.Evidence(Map.of("loopback-raw-udp", "held"), Map.of(), Map.of(), bait.reached())))
                .isEqualTo(Verdict.BROKEN);
    }

    @Test
    void whatIsChangedOutsideOrMadeInsideIsNoticed() throws IOException {
        Path outside = bait.workspace().resolveSibling("outside");
        Files.writeString(bait.workspace().resolve("inside"), "changed");
        Path program = Files.createFile(bait.workspace().resolve("program"));
        Files.setAttribute(program, "unix:mode", 04755);
        Files.createLink(bait.workspace().resolve("hard"), outside.resolve("secret"));
        assertThat(bait.reached())
                .containsOnlyKeys(
                        "workspace-readonly",
                        "workspace-setuid",
                        "workspace-symlink",
                        "workspace-dotdot",
                        "workspace-hardlink",
                        "workspace-remount",
                        "workspace-race");
        assertThat(bait.reached().values()).allMatch(finding -> finding.verdict() == Verdict.BROKEN);
    }

    @Test
    void whatAVmSaysIsJudged() throws IOException {
        Map<String, String> nothing = Map.of();
        assertThat(verdict("vsock", Map.of("vsock", "held"), nothing)).isEqualTo(Verdict.HELD);
        assertThat(verdict("vsock", Map.of("vsock", "breach: it answered"), nothing))
                .isEqualTo(Verdict.BROKEN);
        assertThat(verdict("vsock", Map.of("vsock", "failed: no module"), nothing))
                .isEqualTo(Verdict.UNTRIED);
        assertThat(verdict("vsock", nothing, Map.of("vsock", "held"))).isEqualTo(Verdict.UNTRIED);
        assertThat(verdict("random", Map.of("random", "1"), Map.of("random", "2")))
                .isEqualTo(Verdict.HELD);
        assertThat(verdict("random", Map.of("random", "1"), Map.of("random", "1")))
                .isEqualTo(Verdict.BROKEN);
        assertThat(verdict("random", Map.of("random", "1"), nothing)).isEqualTo(Verdict.UNTRIED);
        assertThat(verdict("kernel", Map.of("kernel", "1"), Map.of("kernel", "1")))
                .isEqualTo(Verdict.OPEN);
        assertThat(verdict("lan", Map.of("lan", "open: it has a route"), nothing))
                .isEqualTo(Verdict.OPEN);
        assertThat(verdict("metadata", Map.of("metadata", "held"), nothing)).isEqualTo(Verdict.HELD);
        assertThat(verdict("api-socket", nothing, nothing)).isEqualTo(Verdict.UNTRIED);
    }

    @Test
    void aClockThatIsWrongIsABreach() throws IOException {
        for (var each : Map.of(
                        "999.5", Verdict.HELD, "900", Verdict.BROKEN, "1100", Verdict.BROKEN, "x", Verdict.UNTRIED)
                .entrySet()) {
            Probe.Evidence evidence =
                    new Probe.Evidence(Map.of("clock", each.getKey()), Map.of(), Map.of("clock", 1000.0), Map.of());
            assertThat(verdict("clock", evidence)).as(each.getKey()).isEqualTo(each.getValue());
        }
    }

    @Test
    void oneBreachIsEnough() throws IOException {
        Map<String, Finding> seen = new HashMap<>();
        Probe.all().forEach(probe -> seen.put(probe.id(), Finding.held()));
        assertThat(report(seen).ok()).isTrue();
        seen.put("mac", Finding.broken("both have \u001b[31m1"));
        assertThat(report(seen).ok()).isFalse();
        assertThat(report(seen).text(false))
                .contains(
                        "broken   mac ",
                        "broken mac: both have \\u001b[31m1\n    VMs are taken",
                        " 0 untried, 1 broken\n");
    }

    private static AttackReport report(Map<String, Finding> seen) throws IOException {
        return AttackReport.of(Probe.all(), new Probe.Evidence(Map.of(), Map.of(), Map.of(), seen), 1);
    }

    @Test
    void theGuestsPartAndThePageHaveThemAll() throws IOException {
        String script = Probe.resource("probes.py");
        String page = Files.readString(Path.of("../docs/SECURITY-PROBES.md"));
        for (Probe probe : Probe.all()) {
            assertThat(page).contains("| `" + probe.id() + "` | " + probe.tries() + " | " + probe.means() + " |");
            if (Set.of(Probe.Judge.FIRST, Probe.Judge.SECOND).contains(probe.judge())) {
                assertThat(script)
                        .containsAnyOf("def " + probe.id().replace('-', '_') + "()", "\"" + probe.id() + "\"");
            }
        }
    }
}
