package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code aegis doctor --attack}: nothing breaks on this host; what is made weak is found; nothing is left. */
@Tag("vm")
@Tag("root")
class AttackTest {
    @RegisterExtension
    final HomeFixture home = HomeFixture.create().withDaemon();

    @Test
    void nothingOfThisHostIsGotByAVm() throws IOException {
        HomeFixture.Result result = home.aegis("doctor", "--attack");
        assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
        assertThat(result.stdout())
                .containsPattern("\n\\d\\d probes in \\d+ s: \\d\\d held, \\d open, 0 untried, 0 broken\n");
        assertThat(result.stdout()
                        .lines()
                        .filter(line -> line.startsWith("held"))
                        .count())
                .isGreaterThanOrEqualTo(30);
        assertThat(result.stdout()).containsPattern("held +lan ").containsPattern("held +metadata ");
        assertNothingIsLeft();
    }

    @Test
    void whatTheHostsUserLeftOpenIsFound() throws IOException {
        Files.setPosixFilePermissions(home.directory(), PosixFilePermissions.fromString("rwxr-xr-x"));
        HomeFixture.Result result = home.aegis("doctor", "--attack", "--json");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.stdout())
                .startsWith("{\"ok\":false,")
                .contains("\"id\":\"home-closed\",\"verdict\":\"broken\"")
                .containsOnlyOnce("\"verdict\":\"broken\"");
    }

    @Test
    void ctrlCLeavesNothing() throws IOException {
        HomeFixture.Running attack = home.start("doctor", "--attack");
        await().until(() -> home.aegis("secret", "list").stdout().contains("AEGIS_ATTACK_"));
        await().until(() -> !home.vmPids().isEmpty());
        HostUser.run("kill", "-INT", Long.toString(attack.process().pid()));
        assertThat(attack.await().exitCode()).isEqualTo(130);
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws IOException {
        await().until(() ->
                home.aegis("instance", "list", "--json").ok().stdout().strip().equals("[]"));
        assertThat(home.aegis("secret", "list").ok().stdout()).doesNotContain("AEGIS_ATTACK_");
        // A template may be in the making, for whoever comes next.
        await().until(() -> home.vmPids().isEmpty());
        try (Stream<Path> places = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(places.map(Path::toString).filter(each -> each.contains("aegis-attack-")))
                    .isEmpty();
        }
    }
}
