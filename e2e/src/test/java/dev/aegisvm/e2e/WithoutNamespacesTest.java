package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host that lets nobody make network namespaces, and so no whole jail. */
@Tag("vm")
@Tag("root")
@Tag("check-all")
class WithoutNamespacesTest {
    private static final String MISSING = "cannot make namespaces";

    /** The root of a user namespace forbids it there; below, the user is again who runs this. */
    @RegisterExtension
    final HomeFixture home = HomeFixture.create()
            .within(List.of(
                    "unshare",
                    "--user",
                    "--map-root-user",
                    "sh",
                    "-c",
                    "echo 0 >/proc/sys/user/max_net_namespaces && exec unshare --map-user=$0 --map-group=$0 \"$@\"",
                    Integer.toString(HostUser.ourselves().uid())));

    @Test
    void whatIsMissingIsSaidAndVmsRunAllTheSame() {
        assertThat(home.aegis("run", "--", "echo", "hi").ok().stdout()).isEqualTo("hi\n");
        assertThat(home.aegis("status", "--json").ok().stdout())
                .containsPattern("\"namespaces\":\"no: " + MISSING)
                .contains("\"landlock\":\"");
        assertThat(home.aegis("doctor").stdout()).contains("VMs are not isolated by: namespaces (" + MISSING);
    }

    @Test
    void oneDirectoryCanBeSharedButNotSeveral() throws IOException {
        Path data = Files.createDirectory(home.directory()
                .resolve("../data-" + ProcessHandle.current().pid())
                .normalize());
        try {
            assertThat(home.aegis("run", "-v", data + ":/data", "--", "sh", "-c", "echo hi >/data/f; pwd")
                            .ok()
                            .stdout())
                    .isEqualTo("/workspace\n");
            assertThat(data.resolve("f")).hasContent("hi\n");
            HomeFixture.Result two = home.aegis("run", "-v", data + ":/a", "-v", data + ":/b", "--", "true");
            assertThat(two.exitCode()).isNotZero();
            assertThat(two.stderr()).contains("no namespaces", "one directory");
        } finally {
            HostUser.run("rm", "-rf", data.toString());
        }
    }

    @Test
    void aDaemonThatRequiresTheJailDoesNotStart() throws IOException {
        Files.writeString(home.directory().resolve("config.toml"), "require_jail = true\n");
        HomeFixture.Result up = home.aegis("up");
        assertThat(up.exitCode()).isNotZero();
        assertThat(up.stderr()).contains("require_jail is set, but this host lacks: namespaces (" + MISSING);
    }
}
