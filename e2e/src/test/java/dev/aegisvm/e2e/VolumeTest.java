package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several directories of the host in one guest, each at its path, for a daemon of root's and of an ordinary user's. */
@Tag("vm")
@Tag("kernel")
@Tag("root")
@Tag("check-all")
class VolumeTest {
    private final Path place;

    VolumeTest() throws IOException {
        place = Files.createTempDirectory("aegis-volumes-").toRealPath();
    }

    @AfterEach
    void removePlace() throws IOException {
        HostUser.run("rm", "-rf", place.toString());
    }

    static Stream<HostUser> users() {
        return HostUser.all();
    }

    @ParameterizedTest
    @MethodSource("users")
    void eachIsAtItsPathAndKeepsItsRights(HostUser user) throws Exception {
        Path work = Files.createDirectory(place.resolve("work"));
        Path data = Files.createDirectory(place.resolve("data"));
        Path kept = Files.createDirectory(place.resolve("kept"));
        Files.writeString(kept.resolve("f"), "unchanged");
        Files.writeString(place.resolve("beside"), "secret");
        user.own(place);
        try (HomeFixture home = user.home()) {
            List<String> start = new ArrayList<>(List.of("instance", "start", "--name", "box"));
            start.addAll(List.of("--workspace", work.toString(), "-v", data + ":/srv/a/data"));
            start.addAll(List.of("-v", kept + ":/workspace/kept:ro", "-v", "named:/named", "--", "sleep", "600"));
            home.aegis(start.toArray(String[]::new)).ok();
            live(home);
            assertThat(home.directory().resolve("data/workspaces/named/n")).hasContent("in named");
        }
        assertThat(data.resolve("d")).hasContent("in data");
        assertThat(Files.getAttribute(data.resolve("d"), "unix:uid")).isEqualTo(user.uid());
        assertThat(kept.resolve("f")).hasContent("unchanged");
        try (Stream<Path> files = Files.list(kept)) {
            assertThat(files).hasSize(1);
        }
    }

    private static void live(HomeFixture home) {
        use(home);
        home.aegis("instance", "stop", "box").ok();
        home.aegis("instance", "start", "--name", "box").ok();
        use(home);
        assertThat(inBox(home, "ls /run; mount | grep -c 9p")).endsWith("4").doesNotContain("aegis-share");
        home.aegis("instance", "pause", "box").ok();
        home.aegis("instance", "resume", "box").ok();
        use(home);
        home.aegis("instance", "delete", "box").ok();
    }

    private static void use(HomeFixture home) {
        assertThat(inBox(
                        home,
                        "printf 'in data' >/srv/a/data/d; printf 'in named' >/named/n; cat /workspace/kept/f; pwd"))
                .isEqualTo("unchanged/workspace");
        // Root in the guest tries all there is to have it writable.
        String attack = "mount -o remount,rw /workspace/kept; mount -o remount,rw,bind /workspace/kept;"
                + " echo x >/workspace/kept/f; rm -f /workspace/kept/f; touch /workspace/kept/new;"
                + " cat /workspace/../beside /srv/a/data/../../beside; mkdir -p /mnt/all; mount -t 9p share /mnt/all"
                + " && ls -a /mnt/all/..; cat /workspace/kept/f";
        assertThat(inBox(home, attack + " || true")).endsWith("unchanged").doesNotContain("secret", "beside");
    }

    private static String inBox(HomeFixture home, String script) {
        return home.aegis("exec", "box", "--", "sh", "-c", script).ok().stdout().strip();
    }
}
