package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What runs the guests' instructions: found out by trying, on a host of which nothing is known yet, or as configured. */
@Tag("vm")
class AcceleratorTest {
    private static final String NEWS = "VMs are emulated";
    private static final String DECISION = "accelerator: ";
    /** Of which each is found out without a guest. */
    private static final List<String> OBSTACLES =
            List.of("does not support virtualization", "there is no /dev/kvm", "cannot be opened");

    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    private Path verdicts;

    @BeforeEach
    void nothingIsKnown() throws IOException {
        Path cache = Files.createDirectory(home.directory().resolve("user-cache"));
        home.with("XDG_CACHE_HOME", cache.toString());
        verdicts = cache.resolve("aegisvm");
        home.ownCache();
    }

    private Path verdict() throws IOException {
        try (Stream<Path> kept = Files.list(verdicts)) {
            List<Path> files = kept.toList();
            assertThat(files).hasSize(1);
            return files.getFirst();
        }
    }

    private String log() throws IOException {
        return Files.readString(home.directory().resolve("data/aegisd.log"));
    }

    @Test
    void whyVmsAreEmulatedIsSaidOnce() throws IOException {
        String before = home.aegis("doctor").stdout();
        String first = home.aegis("run", "--", "true").ok().stderr();
        boolean emulated = Files.readString(verdict()).contains("\"accelerator\":\"tcg\"");
        assertThat(first.contains(NEWS)).isEqualTo(emulated);
        assertThat(home.aegis("run", "--", "true").ok().stderr()).doesNotContain(NEWS);
        String after = home.aegis("doctor").stdout();
        assertThat(after).contains(emulated ? "tcg: emulation, because" : "kvm: the guest kernel booted with it");
        for (String obstacle : OBSTACLES) {
            assertThat(before.contains(obstacle)).isEqualTo(after.contains(obstacle));
        }
    }

    /** Even where the same kernel has another place. */
    @Test
    void whatWasFoundOutHoldsForOtherHomesAndCaches() throws IOException {
        home.aegis("run", "--", "true").ok();
        assertThat(log()).contains(DECISION);
        home.aegis("down").ok();
        Files.delete(home.directory().resolve("data/aegisd.log"));
        home.with(
                "AEGIS_CACHE",
                HostUser.copyCache(home.directory().resolve("other-cache")).toString());
        assertThat(home.aegis("run", "--", "true").ok().stderr()).doesNotContain(NEWS);
        assertThat(log()).doesNotContain(DECISION);
        assertThat(verdict()).exists();
    }

    @Test
    void theDoctorTriesAgainAndTheDaemonNotices() throws IOException {
        home.aegis("run", "--", "true").ok();
        String found = Files.readString(verdict());
        String wrong = found.replaceFirst("\"reason\":\"[^\"]*\"", "\"reason\":\"of another time\"");
        Files.writeString(verdict(), wrong);
        assertThat(home.aegis("doctor").stdout()).contains("of another time");
        assertThat(home.aegis("doctor", "--kvm").stdout()).doesNotContain("of another time");
        boolean emulated = found.contains("\"accelerator\":\"tcg\"");
        // It is news again to the daemon that ran all the time.
        assertThat(home.aegis("run", "--", "true").ok().stderr().contains(NEWS)).isEqualTo(emulated);
        assertThat(Files.readString(verdict())).doesNotContain("of another time");
    }

    @Test
    @NotInOuterVm("emulated")
    void theSettingDecidesWithoutATrial() throws IOException {
        Files.writeString(home.directory().resolve("config.toml"), "accelerator = \"tcg\"\n");
        assertThat(home.aegis("run", "--", "true").ok().stderr()).doesNotContain(NEWS);
        assertThat(Files.readString(verdict())).contains("\"accelerator\":\"tcg\"", "config.toml");
        assertThat(log()).doesNotContain("testing KVM");
    }
}
