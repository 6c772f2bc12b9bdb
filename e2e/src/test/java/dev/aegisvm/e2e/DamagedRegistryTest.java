package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The registry is damaged: the user is told, and recovers the disk as docs/TROUBLESHOOTING.md says. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("the registry")
class DamagedRegistryTest {
    private static final Pattern ID = Pattern.compile("\"id\":\\s*\"(inst-[0-9a-f]+)\"");

    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    private String start() {
        home.aegis("instance", "start", "--name", "box", "--", "sleep", "600").ok();
        String info = home.aegis("instance", "info", "box", "--json").ok().stdout();
        Matcher id = ID.matcher(info);
        assertThat(id.find()).as(info).isTrue();
        return id.group(1);
    }

    @Test
    void theDiskOfAnInstanceComesBack() throws IOException {
        String lost = start();
        home.aegis("exec", "box", "--", "sh", "-c", "echo kept > /root/f").ok();
        home.aegis("down").ok();
        Path data = home.directory().resolve("data");
        Files.writeString(data.resolve("aegis.db"), "no database");

        HomeFixture.Result refused = home.aegis("up");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.stderr()).contains("damaged", "disks (1)", "Start again", "TROUBLESHOOTING");
        assertThat(home.aegis("instance", "list").ok().stdout()).doesNotContain("box");

        String fresh = start();
        home.aegis("instance", "stop", "box").ok();
        Path kept;
        try (var places = Files.list(data.resolve("damaged"))) {
            kept = places.findFirst().orElseThrow();
        }
        Files.move(
                kept.resolve("instances").resolve(lost).resolve("disk.raw"),
                data.resolve("instances").resolve(fresh).resolve("disk.raw"),
                StandardCopyOption.REPLACE_EXISTING);
        home.aegis("instance", "start", "--name", "box").ok();
        assertThat(home.aegis("exec", "box", "--", "cat", "/root/f").ok().stdout())
                .isEqualTo("kept\n");
    }
}
