package dev.aegisvm.daemon.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.gateway.policy.*;
import dev.aegisvm.host.PrivateDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HomeTest {
    @TempDir
    Path directory;

    @Test
    void pathsFollowTheEnvironment() {
        Home home = Home.of(Map.of("AEGIS_HOME", "/srv/aegis", "AEGIS_CACHE", "/var/cache/aegis"), 1000, false);
        assertThat(home.socket()).hasToString("/srv/aegis/aegisd.sock");
        assertThat(home.registry()).hasToString("/srv/aegis/data/aegis.db");
        assertThat(home.guestProperties()).hasToString("/var/cache/aegis/guest.properties");
        assertThat(home.runDirectory().toString()).matches("/tmp/aegis-1000-[0-9a-f]{8}");
        assertThat(Home.of(Map.of("HOME", "/home/me"), 0, false).socket()).hasToString("/home/me/.aegis/aegisd.sock");
        assertThat(Home.of(Map.of("HOME", "/home/me"), 0, false).cache()).hasToString("/home/me/.aegis/cache");
    }

    @Test
    void whereSocketsMustBeBelowTmpTheyAre() {
        Map<String, String> user = Map.of("AEGIS_HOME", "/srv/aegis", "XDG_RUNTIME_DIR", "/run/user/1000");
        assertThat(Home.of(user, 1000, false).runDirectory()).hasParentRaw(Path.of("/run/user/1000"));
        assertThat(Home.of(user, 1000, true).runDirectory()).hasParentRaw(Path.of("/tmp"));
        assertThat(Home.of(user, 0, true).runDirectory()).hasParentRaw(Path.of("/tmp"));
    }

    @Test
    void theRunDirectoryLeavesRoomForSockets() {
        String long100 = "/x".repeat(60);
        for (int uid : new int[] {0, 1000}) {
            Home home = Home.of(Map.of("AEGIS_HOME", long100, "XDG_RUNTIME_DIR", long100), uid, false);
            assertThat(home.runDirectory("inst-0123456789ab")
                            .resolve("channel.sock")
                            .toString())
                    .hasSizeLessThan(108);
        }
        assertThat(Home.of(Map.of("AEGIS_HOME", "/a"), 0, false).runDirectory())
                .isNotEqualTo(Home.of(Map.of("AEGIS_HOME", "/b"), 0, false).runDirectory());
    }

    @Test
    void aPlaceThatSomebodyTookIsSteppedAround() throws Exception {
        Map<String, String> here =
                Map.of("AEGIS_HOME", directory.resolve("home").toString());
        int uid = PrivateDirectory.ourUid();
        Path usual = Home.of(here, uid, true).runDirectory();
        assertThat(usual).hasParentRaw(Path.of("/tmp"));
        assertThat(Home.of(here, uid + 1, true).runDirectory()).hasParentRaw(Path.of("/tmp"));
        Files.createSymbolicLink(usual, directory);
        try {
            Path instead = Home.of(here, uid, true).runDirectory();
            assertThat(instead).isEqualTo(directory.resolve("home/run"));
            PrivateDirectory.ensure(instead);
        } finally {
            Files.delete(usual);
        }
        assertThat(Home.of(here, uid, true).runDirectory())
                .as("what a killed daemon left is found")
                .isEqualTo(directory.resolve("home/run"));
        PrivateDirectory.remove(directory.resolve("home/run"));
        Path others = Files.createDirectory(usual);
        try {
            assertThat(Home.of(here, uid, true).runDirectory()).isEqualTo(others);
            Path ofAnother = Path.of(others.toString().replace("-" + uid + "-", "-" + (uid + 1) + "-"));
            Files.createDirectory(ofAnother);
            assertThat(Home.of(here, uid + 1, true).runDirectory())
                    .as("a directory of another user")
                    .isEqualTo(directory.resolve("home/run"));
            Files.delete(ofAnother);
        } finally {
            Files.delete(others);
        }
    }

    @Test
    void aDirectoryIsMadeForItsOwnerAlone() throws Exception {
        Path made = directory.resolve("a/b");
        PrivateDirectory.ensure(made);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
        PrivateDirectory.ensure(made);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                .isEqualTo("rwx------");
    }

    @Test
    void aLinkOrAFileIsNoDirectory() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Files.createDirectory(directory.resolve("d")));
        assertThatThrownBy(() -> PrivateDirectory.ensure(link)).isInstanceOf(IOException.class);
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> PrivateDirectory.ensure(file)).isInstanceOf(IOException.class);
    }

    @Test
    void removingFollowsNoLink() throws IOException {
        Path precious = Files.createFile(
                Files.createDirectory(directory.resolve("precious")).resolve("file"));
        Path doomed = Files.createDirectory(directory.resolve("doomed"));
        Files.createSymbolicLink(doomed.resolve("link"), precious.getParent());
        PrivateDirectory.remove(doomed);
        PrivateDirectory.remove(doomed);
        assertThat(doomed).doesNotExist();
        assertThat(precious).exists();
    }

    @Test
    void settingsHaveDefaultsAndTheEnvironmentWins() throws Exception {
        Path file = directory.resolve("config.toml");
        assertThat(Config.read(file, Map.of())).isEqualTo(Config.defaults());
        assertThat(Config.defaults().memoryMb()).isEqualTo(512);
        assertThat(Config.defaults().vcpus()).isEqualTo(1);
        assertThat(Config.defaults().spares()).isEqualTo(2);
        assertThat(Config.read(file, Map.of("AEGIS_SPARES", "0")).spares()).isZero();
        Files.writeString(file, "memory_mb = 1024\nvcpus = 2\n");
        Config config = Config.read(file, Map.of("AEGIS_VCPUS", "3"));
        assertThat(config.memoryMb()).isEqualTo(1024);
        assertThat(config.vcpus()).isEqualTo(3);
        assertThat(config.idlePause().text()).isEqualTo("1m");
        assertThat(config.idleStop().text()).isEqualTo("5m");
        Files.writeString(file, "idle_pause = 'never'\nidle_stop = '2h'\n");
        Config idle = Config.read(file, Map.of("AEGIS_IDLE_STOP", "90s", "AEGIS_IDLE_CPU_PERCENT", "5"));
        assertThat(idle.idlePause().isNever()).isTrue();
        assertThat(idle.idleStop().text()).isEqualTo("90s");
        assertThat(idle.idleCpuPercent()).isEqualTo(5);
        assertThat(Config.defaults().network()).isEqualTo(Mode.PUBLIC);
        Files.writeString(file, "network = 'none'\n");
        assertThat(Config.read(file, Map.of()).network()).isEqualTo(Mode.NONE);
        assertThat(Config.read(file, Map.of("AEGIS_NETWORK", "open")).network()).isEqualTo(Mode.OPEN);
    }

    @Test
    void theProxyIsTheConfiguredOneOrElseThatOfTheEnvironment() throws Exception {
        Path file = directory.resolve("config.toml");
        Map<String, String> environment = Map.of("https_proxy", "http://a.test:1", "no_proxy", "x.test");
        assertThat(Config.read(file, Map.of()).proxy()).isEmpty();
        assertThat(Config.read(file, environment).proxy()).get().hasToString("http://a.test:1");
        Files.writeString(
                file, "proxy = 'http://user:pass@10.0.0.1:3128'\nno_proxy = 'y.test'\nnetwork_rate = '10M'\n");
        Config config = Config.read(file, environment);
        assertThat(config.proxy()).get().hasToString("http://10.0.0.1:3128");
        assertThat(config.proxy().orElseThrow().serves(new Destination.Named("y.test", Destination.SOME_PORT)))
                .isFalse();
        assertThat(config.proxy().orElseThrow().serves(new Destination.Named("x.test", Destination.SOME_PORT)))
                .isTrue();
        assertThat(config.networkRate()).hasValue(10L << 20);
        assertThat(Config.read(file, Map.of("AEGIS_PROXY", "none", "https_proxy", "http://a.test:1"))
                        .proxy())
                .isEmpty();
        Files.delete(file);
        assertThatThrownBy(() -> Config.read(file, Map.of("ALL_PROXY", "socks5://user:secret@a.test:1")))
                .hasMessageStartingWith("the proxy in the environment is invalid: ")
                .hasMessageContaining("AEGIS_PROXY")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "network_rate = 'x'| network_rate: 'x' is not a rate",
                "proxy = 'ftp://x'  | proxy: a proxy must be http://HOST:PORT",
                "colour = 1        | unknown key 'colour'",
                "memory_mb = 'x'   | memory_mb: 'x' is not a number",
                "memory_mb = 300   | memory_mb",
                "memory_mb = 1     | 256..65536",
                "accelerator = 'x' | accelerator must be one of auto, kvm, tcg, not 'x'",
                "accelerator = 1   | accelerator must be one of auto, kvm, tcg, not '1'",
                "network = 'lan'   | network: the network must be none, public, allow or open, not 'lan'",
                "spares = 9        | spares must be 0..8, not 9",
                "vcpus = 0         | vcpus must be 1..16, not 0",
                "[pause]           | unknown key 'pause'",
                "memory_mb =       | config.toml",
                "idle_pause = 60   | idle_pause must be \"never\" or a time",
                "idle_pause = '0s' | idle_pause must be \"never\" or a time",
                "idle_stop = 'x'   | idle_stop must be \"never\" or a time",
                "idle_cpu_percent = 101 | idle_cpu_percent must be 0..100, not 101",
            })
    void aMistakeIsNamed(String toml, String names) throws IOException {
        Path file = directory.resolve("config.toml");
        Files.writeString(file, toml + "\n");
        assertThatThrownBy(() -> Config.read(file, Map.of()))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining(names);
    }

    @Test
    void theUsualDiskIsNoLargerThanTheLargest() {
        assertThatThrownBy(() -> Config.read(
                        directory.resolve("none"), Map.of("AEGIS_DISK_MB", "100", "AEGIS_DISK_MAX_MB", "99")))
                .isInstanceOf(HomeException.class)
                .hasMessage("disk_mb (100) is more than disk_max_mb (99)");
    }

    @Test
    void aMistakeInTheEnvironmentIsNamedToo() {
        assertThatThrownBy(() -> Config.read(directory.resolve("none"), Map.of("AEGIS_MEMORY_MB", "lots")))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("AEGIS_MEMORY_MB");
    }

    @Test
    void verdictsOnKvmAreTheUsersWhateverTheHome() {
        Map<String, String> user = Map.of("HOME", "/home/me", "AEGIS_HOME", "/a", "AEGIS_CACHE", "/b");
        assertThat(Home.of(user, 1000, false).verdicts()).hasToString("/home/me/.cache/aegisvm");
        assertThat(Home.of(Map.of("HOME", "/h", "XDG_CACHE_HOME", "/c"), 0, false)
                        .verdicts())
                .hasToString("/c/aegisvm");
    }
}
