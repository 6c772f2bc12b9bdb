package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.testkit.*;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** VMs whose root file system is an image that the user brings, here one with nothing but a static busybox. */
@Tag("vm")
@NotInOuterVm("emulated: with a spare")
class ImageTest {
    @TempDir
    Path directory;

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().with("AEGIS_SPARES", "1").with("AEGIS_ACCEL", "tcg");

    private OciImage image;

    @BeforeEach
    void image() throws IOException {
        Path passwd = Files.writeString(directory.resolve("passwd"), "web:x:33:44:web:/srv:/bin/sh\n");
        image = BusyboxImage.make(directory.resolve("layout"), "app").with(passwd, "/etc/passwd");
        Tool.run(
                "umoci",
                "config",
                "--image",
                image.path(),
                "--config.entrypoint=/bin/sh",
                "--config.entrypoint=-c",
                "--config.cmd=id -u; id -g; pwd; echo $A $B $HOME",
                "--config.env=A=image",
                "--config.env=B=image",
                "--config.workingdir=/bin",
                "--config.user=web");
    }

    private String in(String instance, String... command) {
        String[] words = new String[command.length + 3];
        words[0] = "exec";
        words[1] = instance;
        words[2] = "--";
        System.arraycopy(command, 0, words, 3, command.length);
        return home.aegis(words).ok().stdout().strip();
    }

    private String mode(String instance) {
        String json = home.aegis("instance", "info", instance, "--json").ok().stdout();
        return json.replaceAll("(?s).*\"mode\":\"([^\"]*)\".*", "$1");
    }

    @Test
    void itRunsAsItsAuthorAndItsUserWantIt() {
        HomeFixture.Result own = home.aegis("run", "--image", image.reference(), "--env", "B=ours")
                .ok();
        assertThat(own.stdout()).isEqualTo("33\n44\n/bin\nimage ours /srv\n");
        HomeFixture.Result given =
                home.aegis("run", "--image", image.reference(), "--", "pwd").ok();
        assertThat(given.stdout()).isEqualTo("/bin\n");
        HomeFixture.Result missing = home.aegis("run", "--image", image.reference(), "--", "python3");
        assertThat(missing.exitCode()).isEqualTo(127);
        HomeFixture.Result nothing = home.aegis("run", "--image", "oci:" + directory.resolve("none"));
        assertThat(nothing.exitCode()).isEqualTo(125);
        assertThat(nothing.stderr()).contains(directory.resolve("none").toString());
    }

    /** Images expect that of Docker: their server is not root's and has port 80. */
    @Test
    void aUserWhoIsNotRootListensOnPort80() {
        String serve = "id -u; /bin/busybox httpd -p 80 -h /bin && echo listens";
        assertThat(home.aegis("run", "--image", image.reference(), "--", "sh", "-c", serve)
                        .ok()
                        .stdout())
                .isEqualTo("33\nlistens\n");
    }

    @Test
    void anInstanceKeepsImageAndDataFromStartToStart() {
        home.aegis("instance", "start", "--name", "box", "--image", image.reference(), "--", "sleep", "600")
                .ok();
        await().until(() ->
                mode("box").equals("template-bare") && in("box", "id", "-u").equals("33"));
        assertThat(in("box", "sh", "-c", "echo $A; pwd; id -g")).isEqualTo("image\n/bin\n44");
        assertThat(home.aegis("exec", "--user", "0", "box", "--", "sh", "-c", "echo kept > /etc/f; id -u")
                        .ok()
                        .stdout())
                .isEqualTo("0\n");
        // The harness provides these, whatever the image has.
        assertThat(in("box", "sh", "-c", "cat /etc/hostname /etc/resolv.conf; ls -d /tmp /root /proc/1 /dev/pts"))
                .contains("box", "nameserver 198.18.0.1", "/tmp", "/root", "/proc/1", "/dev/pts");
        home.aegis("instance", "stop", "box").ok();
        home.aegis("instance", "start", "--name", "box").ok();
        assertThat(in("box", "cat", "/etc/f")).isEqualTo("kept");
        assertThat(mode("box")).as("its disk is not new").isEqualTo("template-bare");
        assertThat(home.aegis("instance", "info", "box", "--json").ok().stdout())
                .contains("\"image_ref\":\"" + image.reference() + "\"");
    }

    @Test
    void anImageHasATemplateOfItsOwnAfterItsFirstStart() throws IOException {
        home.aegis("instance", "start", "--name", "first", "--image", image.reference(), "--", "sleep", "600")
                .ok();
        assertThat(in("first", "id", "-u")).isEqualTo("33");
        assertThat(mode("first")).isEqualTo("template-bare");
        Path log = home.directory().resolve("data/aegisd.log");
        await().until(() -> Files.readString(log).contains("template: made"));
        home.aegis("instance", "start", "--name", "second", "--image", image.reference(), "--", "sleep", "600")
                .ok();
        assertThat(in("second", "id", "-u")).isEqualTo("33");
        assertThat(mode("second")).isEqualTo("template");
        assertThat(in("second", "ls", "/")).isEqualTo(in("first", "ls", "/"));
    }
}
