package dev.aegisvm.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.cli.attack.Attack.AttackReport;
import dev.aegisvm.cli.attack.Probe.Finding;
import dev.aegisvm.cli.attack.Probe.Finding.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertThat(bait.workspace).doesNotExist();
    }

    private int port() {
        return Integer.parseInt(bait.told().getFirst().substring("port=".length()));
    }

    private static Verdict verdict(String probe, Map<String, String> first, Map<String, String> second)
            throws IOException {
        return verdict(probe, first, second, Map.of());
    }

    private static Verdict verdict(
            String probe, Map<String, String> first, Map<String, String> second, Map<String, Finding> host)
            throws IOException {
        Probe found = Probe.all().stream()
                .filter(each -> each.id().equals(probe))
                .findFirst()
                .orElseThrow();
        return found.finding(first, second, host).verdict();
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
        assertThat(verdict("loopback-raw-udp", Map.of("loopback-raw-udp", "held"), Map.of(), bait.reached()))
                .isEqualTo(Verdict.BROKEN);
    }

    @Test
    void whatIsChangedOutsideOrMadeInsideIsNoticed() throws IOException {
        Path outside = bait.workspace.resolveSibling("outside");
        Files.writeString(bait.workspace.resolve("inside"), "changed");
        Path program = Files.createFile(bait.workspace.resolve("program"));
        Files.setAttribute(program, "unix:mode", 04755);
        Files.createLink(bait.workspace.resolve("hard"), outside.resolve("secret"));
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
    void aSecretInClearIsFound(@TempDir Path home) throws IOException {
        Path log = Files.createDirectories(home.resolve("data/logs")).resolve("log");
        Files.createSymbolicLink(home.resolve("data/round"), home);
        Files.writeString(log, "nothing");
        assertThat(Bait.without(bait.secret, Bait.filesBelow(home.toFile()))).isEqualTo(Finding.HELD);
        Files.writeString(log, "\0" + bait.secret);
        assertThat(Bait.without(bait.secret, Bait.filesBelow(home.toFile())))
                .isEqualTo(Finding.broken("the secret was found in [" + log + "]"));
    }

    @Test
    void whatAVmSaysIsJudged() throws IOException {
        Map<String, String> nothing = Map.of();
        assertThat(verdict("vsock", Map.of("vsock", "held"), nothing)).isEqualTo(Verdict.HELD);
        assertThat(verdict("vsock", Map.of("vsock", "breach: it answered"), nothing))
                .isEqualTo(Verdict.BROKEN);
        assertThat(verdict("vsock", Map.of("vsock", "failed: no module"), nothing))
                .isEqualTo(Verdict.UNTRIED);
        assertThat(verdict("frames-between", nothing, Map.of("frames-between", "held")))
                .isEqualTo(Verdict.HELD);
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
    void aClockThatIsWrongIsABreach() {
        double now = System.currentTimeMillis() / 1000.0;
        assertThat(Attack.clock(Double.toString(now)).verdict()).isEqualTo(Verdict.HELD);
        assertThat(Attack.clock(Double.toString(now - 100)).verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(Attack.clock(Double.toString(now + 100)).verdict()).isEqualTo(Verdict.BROKEN);
        assertThat(Attack.clock("x").verdict()).isEqualTo(Verdict.UNTRIED);
    }

    @Test
    void oneBreachIsEnough() throws IOException {
        Map<String, Finding> seen = new HashMap<>();
        Probe.all().forEach(probe -> seen.put(probe.id(), Finding.HELD));
        assertThat(report(seen).ok()).isTrue();
        seen.put("mac", Finding.broken("both have \u001b[31m1"));
        assertThat(report(seen).ok()).isFalse();
        assertThat(report(seen).text(false))
                .contains(
                        "broken   mac ",
                        "broken mac: both have \\u001b[31m1\n    VMs are taken",
                        " 0 untried, 1 broken");
    }

    private static AttackReport report(Map<String, Finding> seen) throws IOException {
        return AttackReport.of(
                Probe.all().stream()
                        .map(probe -> new AttackReport.ProbeResult(probe, probe.finding(Map.of(), Map.of(), seen)))
                        .toList(),
                1);
    }

    @Test
    void theGuestsPartAndThePageHaveThemAll() throws IOException {
        Set<String> ofTheHost = Set.of("home-closed", "api-socket", "secret-at-rest", "secret-in-proc", "expose-lan");
        String script = TextResource.of(Probe.class, "probes.py");
        String page = Files.readString(Path.of("../docs/SECURITY-PROBES.md"));
        for (Probe probe : Probe.all()) {
            assertThat(page).contains("| `" + probe.id() + "` | " + probe.tries() + " | " + probe.means() + " |");
            if (!ofTheHost.contains(probe.id())) {
                assertThat(script)
                        .containsAnyOf("def " + probe.id().replace('-', '_') + "()", "\"" + probe.id() + "\"");
            }
        }
    }
}
