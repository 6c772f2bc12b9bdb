package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The disk of an instance that is kept often: its files become few again while it runs, and nothing of it or of a snapshot changes. */
@Tag("vm")
@Tag("check-all")
class LongChainTest {
    private static final int MOST = 8;

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private static String in(String name, String script) {
        return HOME.aegis("exec", name, "--", "sh", "-ec", script).ok().stdout().strip();
    }

    private static long files() throws IOException {
        try (Stream<Path> all = Files.walk(HOME.directory().resolve("data/instances"))) {
            return all.filter(file -> file.getFileName().toString().matches("disk\\.raw(\\.\\d+)?"))
                    .count();
        }
    }

    @Test
    void filesOfADiskAreMergedWhileItRuns() throws IOException {
        HOME.aegis("instance", "start", "--name", "box", "--", "sleep", "600").ok();
        for (int i = 1; i <= 20; i++) {
            in(
                    "box",
                    "head -c 300000 /dev/urandom > /root/f" + i + "; sha256sum /root/f" + i + " >> /root/sums; sync;"
                            + " rm -f /root/f" + (i - 3) + "; sed -i '/f" + (i - 3) + "$/d' /root/sums");
            String[] take = {"snapshot", "create", "box", "s" + i, "--disk-only"};
            HOME.aegis(i % 2 == 0 ? Arrays.copyOf(take, 4) : take).ok();
        }
        await().ignoreExceptionsInstanceOf(UncheckedIOException.class).until(() -> files() <= MOST);
        assertThat(in("box", "sha256sum -c /root/sums | wc -l")).isEqualTo("3");
        HOME.aegis("stop", "box").ok();
        HOME.aegis("start", "box").ok();
        assertThat(in("box", "sha256sum -c /root/sums; ls /root | wc -l")).contains("/root/f20: OK", "4");
        HOME.aegis("fork", "s7", "--disk-only", "--name", "old").ok();
        assertThat(in("old", "sha256sum -c /root/sums")).contains("f5: OK", "f6: OK", "f7: OK");
        String file = HOME.directory().resolve("s19.aegis").toString();
        HOME.aegis("snapshot", "export", "s19", file).ok();
        HOME.aegis("snapshot", "import", file, "came").ok();
        HOME.aegis("fork", "came", "--name", "new").ok();
        assertThat(in("new", "sha256sum -c /root/sums"))
                .as("files that were merged, in a file")
                .contains("f17: OK", "f18: OK", "f19: OK");
        HOME.aegis("rewind", "box", "s16").ok();
        assertThat(in("box", "sha256sum -c /root/sums")).contains("f14: OK", "f15: OK", "f16: OK");
    }

    @Test
    void aChainThatGrewWhileItWasStoppedIsMergedWhenItRuns() throws IOException {
        long others = files();
        HOME.aegis("instance", "start", "--name", "sleeper", "--", "sleep", "600")
                .ok();
        in("sleeper", "echo kept > /root/kept");
        HOME.aegis("stop", "sleeper").ok();
        for (int i = 1; i <= 10; i++) {
            HOME.aegis("snapshot", "create", "sleeper", "t" + i).ok();
        }
        HOME.aegis("start", "sleeper").ok();
        await().ignoreExceptionsInstanceOf(UncheckedIOException.class).until(() -> files() - others <= MOST);
        HOME.aegis("stop", "sleeper").ok();
        HOME.aegis("start", "sleeper").ok();
        assertThat(in("sleeper", "cat /root/kept")).isEqualTo("kept");
    }
}
