package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkout on Debian 12, where commands run in a Debian 13 root file system: {@code scripts/in-debian13}. */
@Tag("vm")
@Tag("slow")
@Tag("only-root")
class OtherLinuxTest {
    private static final String CHECKOUT = "/opt/checkout";

    @TempDir
    Path directory;

    @Test
    void commandsOfRootAndOfAnOrdinaryUserRunInDebian13() throws Exception {
        try (CleanRoot host = CleanRoot.make(directory.resolve("debian12"), "bookworm", "mount,uidmap")) {
            Files.createDirectories(host.path(CHECKOUT));
            Tool.run("cp", "-r", "../scripts", "../aegis", host.path(CHECKOUT).toString());
            refusesWithoutRoot(host);
            // A directory of the name below which the host's own are shown.
            host.run("mkdir /host").ok();
            host.run("install -g audio -m 0640 /etc/passwd /srv/of-a-group").ok();
            runs(line -> host.run("export HOME=/root; cd " + CHECKOUT + "; " + line), "0");
            host.run("usermod -aG audio " + CleanRoot.USER).ok();
            String uid = host.run("id -u " + CleanRoot.USER).ok().text().strip();
            runs(line -> host.asUser("cd " + CHECKOUT + "; " + line), uid);
            host.run(": >/etc/subuid").ok();
            assertThat(host.asUser(CHECKOUT + "/scripts/in-debian13 true").text())
                    .contains("usermod --add-subuids", CleanRoot.USER);
        }
    }

    private interface Shell {
        CleanRoot.Said run(String line) throws IOException;
    }

    private static void refusesWithoutRoot(CleanRoot host) throws IOException {
        CleanRoot.Said said = host.run("cd " + CHECKOUT + "; HOME=/root AEGIS_ROOT=no ./aegis run -- true");
        assertThat(said.exitCode()).isEqualTo(125);
        assertThat(said.text()).contains("this is Debian GNU/Linux 12", "unset AEGIS_ROOT");
        said = host.asUser(CHECKOUT + "/scripts/in-debian13 true");
        assertThat(said.exitCode()).isEqualTo(125);
        assertThat(said.text()).contains("root or sudo", "install", "mmdebstrap");
    }

    private static void runs(Shell shell, String uid) throws IOException {
        String in = "scripts/in-debian13 ";
        CleanRoot.Said said = shell.run(
                "echo input | " + in + "sh -c '. /etc/os-release; echo $VERSION_ID $(id -u) $PWD; cat; exit 42'");
        assertThat(said.exitCode()).isEqualTo(42);
        assertThat(said.text())
                .contains("creating a Debian 13 root file system")
                .endsWith("\n13 " + uid + " " + CHECKOUT + "\ninput\n");
        // It has this process's id, and so its signals and its terminal.
        assertEqual(shell, in + "sh -c 'echo $$' & echo $!; wait");
        shell.run(in + "cat /srv/of-a-group").ok();
        assertThat(shell.run(in + "unshare --user --map-root-user id -u").ok().text())
                .isEqualTo("0\n");
        if (!uid.equals("0")) {
            // It may say first that this host's name has no address.
            assertThat(shell.run(in + "sudo id -u").ok().text()).endsWith("0\n");
        }
        leaves(shell, in);
    }

    /** What a command has started stays; the root file system is not taken from under it. */
    private static void leaves(Shell shell, String in) throws IOException {
        String pid = shell.run(in + "sh -c 'setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!'")
                .ok()
                .text()
                .strip();
        assertThat(shell.run(in + "cat /proc/" + pid + "/cmdline").text()).contains("sleep", "1000");
        CleanRoot.Said refused = shell.run(in + "--remove");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.text()).contains("is in use by process " + pid + " (sleep)");
        shell.run("kill " + pid + "; tail --pid=" + pid + " -f /dev/null; " + in + "--remove")
                .ok();
        assertThat(shell.run("ls ~/.aegis/cache").ok().text()).isEmpty();
    }

    private static void assertEqual(Shell shell, String line) throws IOException {
        List<String> two = shell.run(line).ok().text().lines().toList();
        assertThat(two).hasSize(2);
        assertThat(two.getFirst()).isEqualTo(two.getLast());
    }
}
