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

    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    private Path verdict;

    @BeforeEach
    void nothingIsKnown() throws IOException {
        verdict = home.ownCache().resolve("accelerator.json");
        Files.deleteIfExists(verdict);
    }

    @Test
    void whyVmsAreEmulatedIsSaidOnce() throws IOException {
        String before = home.aegis("doctor").stdout();
        String first = home.aegis("run", "--", "true").ok().stderr();
        boolean emulated = Files.readString(verdict).contains("\"accelerator\":\"tcg\"");
        boolean opens = Files.isWritable(Path.of("/dev/kvm"));
        assertThat(first.contains(NEWS)).isEqualTo(emulated && opens);
        assertThat(home.aegis("run", "--", "true").ok().stderr()).doesNotContain(NEWS);
        String after = home.aegis("doctor").stdout();
        assertThat(after).contains(emulated ? "tcg: emulation, since" : "kvm: the guest kernel booted with it");
        // What needs no guest is known without one.
        assertThat(before.contains("cannot run guests")).isEqualTo(after.contains("cannot run guests"));
    }

    @Test
    @NotInOuterVm("emulated")
    void theSettingDecidesWithoutATrial() throws IOException {
        Files.writeString(home.directory().resolve("config.toml"), "accelerator = \"tcg\"\n");
        assertThat(home.aegis("run", "--", "true").ok().stderr()).doesNotContain(NEWS);
        assertThat(Files.readString(verdict)).contains("\"accelerator\":\"tcg\"", "config.toml");
        assertThat(Files.readString(home.directory().resolve("data/aegisd.log")))
                .doesNotContain("trying KVM");
    }
}
