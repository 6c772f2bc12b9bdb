package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an instance changed: a guest of its image, or of what was saved, says so. */
@Tag("vm")
@Tag("check-all")
class DiskDiffTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private static void in(String script) {
        HOME.aegis("exec", "box", "--", "sh", "-ec", script).ok();
    }

    private static String diff(String... words) {
        List<String> all = new ArrayList<>(List.of("diff"));
        all.addAll(List.of(words));
        return HOME.aegis(all.toArray(String[]::new)).ok().stdout();
    }

    @Test
    void whatAnInstanceChangedShowsAgainstItsImageAndItsSnapshots() throws IOException {
        HOME.aegis("instance", "start", "--name", "box", "--", "sleep", "600").ok();
        assertThat(diff("box")).as("nothing yet").doesNotContain("/root/", "/etc/passwd");
        in("echo one > /root/one; echo kept > /root/kept; echo x:x:1:1::/: >> /etc/passwd; rm /etc/debian_version;"
                + " rm -r /etc/skel; mkdir /etc/skel; echo mine > /etc/skel/mine; ln -s /nowhere /root/link");
        assertThat(diff("box").lines())
                .contains(
                        "A /root/one  4 bytes",
                        "A /root/link -> /nowhere  link",
                        "A /etc/skel/mine  5 bytes",
                        "D /etc/debian_version  " + size("/etc/debian_version") + " bytes",
                        "D /etc/skel/.profile  " + size("/etc/skel/.profile") + " bytes")
                .anyMatch(line -> line.startsWith("M /etc/passwd  "))
                .noneMatch(line -> line.contains(" /etc/skel "));

        HOME.aegis("snapshot", "create", "box", "first").ok();
        in("echo two >> /root/one; touch /root/kept; rm /root/link; rm -r /etc/skel; mkdir -p /root/dir/sub;"
                + " printf 'a\\0b' > /root/dir/sub/data; chmod 700 /root/dir/sub/data; sync");
        List<String> since = List.of(
                "A /root/dir  directory",
                "A /root/dir/sub  directory",
                "A /root/dir/sub/data  3 bytes  executable",
                "D /etc/skel  directory",
                "D /etc/skel/mine  5 bytes",
                "D /root/link -> /nowhere  link",
                "M /root/kept  5 bytes",
                "M /root/one  8 bytes");
        assertThat(diff("box", "first").lines()).containsExactlyInAnyOrderElementsOf(since);
        HOME.aegis("snapshot", "create", "box", "second", "--disk-only").ok();
        assertThat(diff("box", "first..second").lines()).containsExactlyInAnyOrderElementsOf(since);
        assertThat(diff("second", "first").lines()).containsExactlyInAnyOrderElementsOf(since);
        aPatchHasWhatIsText();
        String running = diff("box");
        HOME.aegis("stop", "box").ok();
        assertThat(diff("box")).isEqualTo(running);
        assertThat(HOME.aegis("ps", "-a", "-q").ok().stdout().lines()).hasSize(1);
        try (Stream<Path> left = Files.list(HOME.directory().resolve("data/instances"))) {
            assertThat(left).as("of the VMs that showed disks").hasSize(1);
        }
    }

    private static void aPatchHasWhatIsText() {
        var patch = HOME.aegis("diff", "box", "first..second", "--patch").ok();
        assertThat(patch.stdout())
                .contains("--- a/root/one\n+++ b/root/one\n", "+two\n", "deleted file mode 100644\n", "-mine\n")
                .doesNotContain("data", "kept");
        assertThat(patch.stderr()).contains("left out: A /root/dir/sub/data", "left out: D /root/link");
    }

    /** In the image, which another instance still has as it was. */
    private static String size(String file) {
        return HOME.aegis("run", "--", "stat", "-c", "%s", file).ok().stdout().strip();
    }
}
