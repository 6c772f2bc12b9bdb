package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.testkit.OciImage;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The gateway however a machine starts, while it falls asleep, with many connections, with usual clients, and with a hostile root. */
@Tag("vm")
@Tag("check-all")
class GatewayHardshipTest {
    private static final int MANY = 10_000;
    private static final Pattern MODE = Pattern.compile("\"mode\":\"((?:template|spare|cold)[a-z-]*)\"");

    @RegisterExtension
    @Order(1)
    static final SmallWorld WORLD = SmallWorld.create();

    @RegisterExtension
    @Order(2)
    static final HomeFixture HOME = WORLD.home().with("AEGIS_SPARES", "0").withDaemon();

    private static final GuestNetwork GUESTS = new GuestNetwork(HOME);

    @TempDir
    Path directory;

    @Test
    @NotInOuterVm("emulated: only so there are spares")
    void aMachineHasItHoweverItStarts() throws IOException {
        GUESTS.run("--network public", "true").ok();
        assertThat(mode(HOME, "template", "--network public")).isEqualTo("template");
        try (HomeFixture spares = WORLD.home().with("AEGIS_ACCEL", "tcg").with("AEGIS_SPARES", "1")) {
            GuestNetwork guests = new GuestNetwork(spares);
            guests.run("--network public", "true").ok();
            Path log = spares.directory().resolve("data/aegisd.log");
            await().until(() -> Files.readString(log).contains("spare: a machine"));
            assertThat(mode(spares, "fresh", "--network public")).isEqualTo("spare");
        }
        try (HomeFixture cold = WORLD.home().with("AEGIS_SPARES", "0")) {
            cold.ownCache();
            cold.aegis("run", "--", "true").ok(); // makes the first template; a machine of another size has none
            assertThat(mode(cold, "other", "--network public --memory 256")).isEqualTo("cold");
        }
    }

    /** How an instance with these options booted, in which a client has reached the world. */
    private static String mode(HomeFixture home, String name, String options) {
        GuestNetwork guests = new GuestNetwork(home);
        guests.start(name, options);
        assertThat(guests.curl(name, "http://app.test/").ok().stdout()).startsWith("app.test at");
        return MODE.matcher(home.aegis("instance", "info", name, "--json").ok().stdout())
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    @Test
    @NotInOuterVm("images need umoci")
    void anImageWithoutToolsHasItToo() throws IOException {
        OciImage image = BusyboxImage.make(directory.resolve("layout"), "bare");
        assertThat(GUESTS.run(
                                "--network public --image " + image.reference(),
                                "/bin/busybox",
                                "wget",
                                "-q",
                                "-O",
                                "-",
                                "http://app.test/")
                        .ok()
                        .stdout())
                .startsWith("app.test at");
    }

    @Test
    void usualClientsReachTheWorld() {
        GUESTS.start("clients", "--allow app.test");
        assertThat(GUESTS.exec("clients", "git", "ls-remote", "http://app.test/project.git")
                        .ok()
                        .stdout())
                .endsWith("1234567890123456789012345678901234567890\trefs/heads/main\n");
        String python =
                "import urllib.request; print(urllib.request.urlopen('http://app.test/').read().decode(), end='')";
        assertThat(GUESTS.python("clients", python).ok().stdout()).startsWith("app.test at");
        String refused = "import urllib.request; urllib.request.urlopen('http://93.184.216.35/')";
        assertThat(GUESTS.python("clients", refused).stderr()).contains("HTTP Error 403: Forbidden");
    }

    @Test
    @Tag("slow")
    void manyShortConnectionsAreServedAndForgotten() throws IOException {
        String script = """
                import concurrent.futures, socket
                address = socket.gethostbyname('app.test')
                def ask(_):
                    with socket.create_connection((address, 2222)) as talk:
                        talk.shutdown(socket.SHUT_WR)
                        return talk.makefile().read() == 'first\\nlast\\n'
                with concurrent.futures.ThreadPoolExecutor(16) as pool:
                    print(sum(pool.map(ask, range(%d))))
                """.formatted(MANY);
        GUESTS.start("many", "--network public");
        assertThat(GUESTS.python("many", script).ok().stdout()).isEqualTo(MANY + "\n");
        assertThat(HOME.daemonPeakMemoryKib()).isLessThan(250_000);
        await().until(() -> HOME.aegis("network", "show", "many").ok().stdout().contains("0 connections"));
        assertThat(HOME.directory().resolve("data/instances"))
                .isDirectoryRecursivelyContaining("glob:**/network.ndjson");
    }

    @Test
    void aSilentConnectionLetsItsGuestSleep() {
        String script = "import socket; talk = socket.create_connection(('app.test', 2222)); talk.recv(9);"
                + " print('there', flush=True); talk.recv(9)";
        String line = "exec python3 -c \"" + script + "\"";
        GUESTS.serve("silent", "-p 80 --idle-pause 1s --network public", line);
        await().until(() -> HOME.aegis("logs", "silent").ok().stdout().contains("there"));
        await().until(() -> HOME.aegis("ps").ok().stdout().matches("(?s).*silent +paused.*"));
        assertThat(HOME.aegis("network", "show", "silent").ok().stdout()).contains("1 connection\n");
    }

    /** To an address where nobody is: the host gives up after some seconds. */
    @Test
    void aDialThatIsUnderWayWhenItsGuestIsPausedEnds() {
        GUESTS.start("paused", "-p 80 --idle-pause 1h --network public");
        HomeFixture.Running dial = HOME.start("exec", "paused", "--", "curl", "-sS", "http://93.184.216.99/");
        await().until(() ->
                HOME.aegis("instance", "info", "paused").ok().stdout().contains("its guest is opening a connection"));
        HOME.aegis("instance", "pause", "paused").ok();
        await().until(() -> HOME.aegis("network", "log", "paused").ok().stdout().contains("93.184.216.99:80"));
        HOME.aegis("instance", "resume", "paused").ok();
        assertThat(dial.await().exitCode()).isIn(52, 55, 56);
    }

    @Test
    void aRootThatTakesItAwayHasNoNetwork() {
        String script = """
                import fcntl, socket, struct
                def set(interface, flags):
                    fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH14x', interface, flags))
                def reach(*where):
                    try:
                        socket.create_connection(where, 20)
                        print('reached')
                    except OSError as e:
                        print(type(e).__name__)
                set(b'aegis0', 0)
                reach('app.test', 80)
                reach('93.184.216.34', 80)
                set(b'eth0', 1)
                fcntl.ioctl(socket.socket(), 0x8916, struct.pack('16sHH4s8x', b'eth0', 2, 0, socket.inet_aton('93.184.216.7')))
                reach('93.184.216.34', 80)
                """;
        GUESTS.start("root", "--network public");
        assertThat(GUESTS.curl("root", "http://app.test/").ok().stdout()).startsWith("app.test at");
        assertThat(GUESTS.python("root", script).ok().stdout().lines())
                .containsExactly("gaierror", "OSError", "OSError");
        await().until(() ->
                HOME.aegis("network", "log", "root").ok().stdout().contains("took the interface aegis0 down"));
        assertThat(GUESTS.exec("root", "echo", "still there").ok().stdout()).isEqualTo("still there\n");
    }
}
