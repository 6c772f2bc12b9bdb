package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots and forks on real VMs: what goes on in a copy, and each thing that must not be in two machines. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("the same with KVM is in QemuContractTest")
class ForkTest {
    /** Counts in its memory, and says at each request what it counts, and what it draws. */
    private static final String SERVER = """
            import http.server, os, socket, uuid
            count = 0
            class Answer(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    global count
                    count += 1
                    text = f"{count} {os.urandom(8).hex()} {uuid.uuid4()}\\n".encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                    print("answered", count, flush=True)
            http.server.ThreadingHTTPServer(("", 80), Answer).serve_forever()
            """;

    /** How many processes have 400 or 500 as an argument. */
    private static final String SLEEPERS = "grep -lz '^[45]00$' /proc/[0-9]*/cmdline | wc -l";

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @AfterEach
    void removeAll() {
        HOME.aegis("snapshot", "list", "-q")
                .ok()
                .stdout()
                .lines()
                .forEach(name -> HOME.aegis("snapshot", "delete", name).ok());
        HOME.aegis("ps", "-a", "-q")
                .ok()
                .stdout()
                .lines()
                .forEach(name -> HOME.aegis("rm", "-f", name).ok());
    }

    private static void serve(String... more) {
        List<String> words = new ArrayList<>(List.of("instance", "start", "--name", "base", "-p", "80"));
        words.addAll(List.of(more));
        words.addAll(List.of("--", "python3", "-c", SERVER));
        HOME.aegis(words.toArray(String[]::new)).ok();
    }

    private static String in(String name, String script) {
        return HOME.aegis("exec", name, "--", "sh", "-c", script).ok().stdout().strip();
    }

    /** What the server answers, once it listens: its count, and what it drew. */
    private static List<String> ask(String name) {
        String get = "until python3 -c 'import urllib.request as u;"
                + "print(u.urlopen(\"http://127.0.0.1\").read().decode())'; do :; done 2>/dev/null";
        return List.of(in(name, get).split(" "));
    }

    private static int port(String name) {
        String line = HOME.aegis("port", name).ok().stdout();
        return Integer.parseInt(line.replaceAll("(?s).*127\\.0\\.0\\.1:(\\d+).*", "$1"));
    }

    private static String fetch(int port) throws IOException {
        try (InputStream answer =
                URI.create("http://127.0.0.1:" + port + "/").toURL().openStream()) {
            return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void forksGoOnFromTheSameMomentAndShareNothingThatMustNotBeShared() {
        serve();
        assertThat(ask("base").getFirst()).isEqualTo("1");
        in("base", "echo kept > /root/file; setsid sleep 500 >/dev/null 2>&1 &");
        HOME.aegis("exec", "-d", "base", "--", "sleep", "400").ok();
        String monotonic = in("base", "cut -d. -f1 /proc/uptime");

        assertThat(HOME.aegis("fork", "base", "--count", "2", "--name", "try")
                        .ok()
                        .stdout())
                .isEqualTo("try-1\ntry-2\n");
        List<String> one = ask("try-1");
        List<String> two = ask("try-2");
        assertThat(one.getFirst()).as("each counts on").isEqualTo("2");
        assertThat(two.getFirst()).isEqualTo("2");
        assertThat(one.get(1)).as("os.urandom").isNotEqualTo(two.get(1));
        assertThat(one.get(2)).as("uuid4").isNotEqualTo(two.get(2));
        for (String file : List.of("/etc/machine-id", "/etc/hostname")) {
            Set<String> all = new HashSet<>();
            for (String name : List.of("base", "try-1", "try-2")) {
                all.add(in(name, "cat " + file));
            }
            assertThat(all).as(file).hasSize(3);
        }
        Set<String> addresses = new HashSet<>();
        for (String name : List.of("base", "try-1", "try-2")) {
            in(name, "cat /sys/class/net/eth0/address /sys/class/net/aegis0/address /sys/class/net/dummy0/address")
                    .lines()
                    .forEach(addresses::add);
        }
        assertThat(addresses).as("Ethernet addresses").hasSize(9);
        assertThat(in("try-1", "cat /root/file; hostname")).isEqualTo("kept\ntry-1");
        assertThat(Integer.parseInt(in("try-1", "cut -d. -f1 /proc/uptime")))
                .isGreaterThanOrEqualTo(Integer.parseInt(monotonic));
        long clock = Long.parseLong(in("try-1", "date +%s"));
        assertThat(clock)
                .isBetween(Instant.now().getEpochSecond() - 5, Instant.now().getEpochSecond() + 5);
        assertThat(in("try-1", SLEEPERS)).as("execs are ended").isEqualTo("0");
        assertThat(in("base", SLEEPERS)).as("but not in the parent").isEqualTo("2");
    }

    @Test
    void forksHaveTheirOwnPortsLogsAndDisks() throws IOException {
        serve();
        assertThat(ask("base").getFirst()).isEqualTo("1");
        in("base", "echo kept > /root/file");
        HOME.aegis("fork", "base", "--count", "2", "--name", "try").ok();
        assertThat(Set.of(port("base"), port("try-1"), port("try-2"))).hasSize(3);
        assertThat(fetch(port("try-1"))).startsWith("2 ");
        assertThat(fetch(port("base"))).startsWith("2 ");
        await().until(() -> logs("try-1").contains("answered 2"));
        assertThat(logs("try-1")).doesNotContain("answered 1\n");
        in("try-1", "echo other > /root/file; sync");
        assertThat(in("base", "cat /root/file")).isEqualTo("kept");

        HOME.aegis("rm", "-f", "base").ok();
        HOME.aegis("stop", "try-1").ok();
        HOME.aegis("start", "try-1").ok();
        assertThat(ask("try-1").getFirst()).as("it boots from its disk").isEqualTo("1");
        assertThat(in("try-1", "cat /root/file")).isEqualTo("other");
        assertThat(ask("try-2").getFirst()).isEqualTo("2");
    }

    /** Tells what becomes of the first connection to it, and of a timer that it starts then. */
    private static final String CONNECTED = """
            import socket, threading, time
            client, _ = socket.create_server(("", 80)).accept()
            threading.Timer(30, lambda: print("due", flush=True)).start()
            print("open", flush=True)
            try:
                print("read", client.recv(1), flush=True)
            except OSError as reset:
                print("lost:", reset, flush=True)
            time.sleep(600)
            """;

    private static String logs(String name) {
        return HOME.aegis("logs", name).ok().stdout();
    }

    @Test
    void aConnectionIsTheParentsAndATimerFiresInBoth() throws IOException {
        HOME.aegis("instance", "start", "--name", "base", "-p", "80/tcp", "--", "python3", "-c", CONNECTED)
                .ok();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port("base"))) {
            await().until(() -> logs("base").contains("open\n"));
            HOME.aegis("fork", "base", "--name", "try").ok();
            await().until(() -> logs("try").contains("lost: [Errno 104] Connection reset by peer"));
            await().until(() -> logs("try").contains("due\n"));
            await().until(() -> logs("base").contains("due\n"));
            assertThat(logs("base")).doesNotContain("lost", "read");
            client.getOutputStream().write('x');
            await().until(() -> logs("base").contains("read b'x'"));
        }
    }

    /** Rules that a person gave, at the start or later, those that open this host too. */
    @Test
    void forksAndRestartsKeepTheRulesOfTheNetwork() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        String rule = "host.aegis:" + server.getAddress().getPort();
        try {
            HOME.aegis("instance", "start", "--name", "base", "--allow", "10.1.2.3:5432", "--", "sleep", "600")
                    .ok();
            HOME.aegis("network", "allow", "base", rule).ok();
            HOME.aegis("network", "deny", "base", "gone.test").ok();
            HOME.aegis("snapshot", "create", "base", "kept").ok();
            HOME.aegis("fork", "base", "--name", "try").ok();
            assertKept("try", rule);
            HOME.aegis("network", "deny", "base", "--remove", "gone.test").ok();
            HOME.aegis("network", "allow", "base", "--remove", rule).ok();
            HOME.aegis("down").ok();
            HOME.aegis("start", "try").ok();
            assertKept("try", rule);
            HOME.aegis("fork", "kept", "--name", "later").ok();
            assertKept("later", rule);
        } finally {
            server.stop(0);
        }
    }

    private static void assertKept(String name, String rule) {
        assertThat(HOME.aegis("network", "show", name).ok().stdout()).contains("10.1.2.3:5432", rule, "gone.test");
        assertThat(in(name, "curl -sS -m 60 -o /dev/null -w '%{http_code}' http://" + rule + "/"))
                .isEqualTo("204");
        assertThat(in(name, "curl -s -m 60 http://gone.test/ || echo refused")).isEqualTo("refused");
    }

    @Test
    void aSnapshotOutlivesItsInstanceAndTheDaemon() {
        serve();
        assertThat(ask("base").getFirst()).isEqualTo("1");
        assertThat(HOME.aegis("snapshot", "create", "base", "first", "--note", "n")
                        .ok()
                        .stdout())
                .isEqualTo("first\n");
        assertThat(ask("base").getFirst()).as("it goes on").isEqualTo("2");
        HOME.aegis("instance", "pause", "base").ok();
        HOME.aegis("snapshot", "create", "base", "second").ok();
        assertThat(HOME.aegis("ps", "-a").ok().stdout()).contains("paused");
        HOME.aegis("stop", "base").ok();
        HOME.aegis("snapshot", "create", "base", "third").ok();
        assertThat(HOME.aegis("snapshot", "list").ok().stdout())
                .containsSubsequence("first", "memory", "second", "memory", "third", "disk");
        var taken = HOME.aegis("run", "--name", "first", "--", "true");
        assertThat(taken.stderr()).contains("named 'first' already exists");
        HOME.aegis("rm", "-f", "base").ok();
        HOME.aegis("down").ok();

        HOME.aegis("fork", "first", "--name", "a").ok();
        HOME.aegis("fork", "second", "--name", "b").ok();
        HOME.aegis("fork", "third", "--name", "c").ok();
        assertThat(ask("a").getFirst()).isEqualTo("2");
        assertThat(ask("b").getFirst()).isEqualTo("3");
        assertThat(ask("c").getFirst()).as("from its disk").isEqualTo("1");
        HOME.aegis("snapshot", "prune", "--force", "--keep-last", "1").ok();
        assertThat(HOME.aegis("snapshot", "list", "-q").ok().stdout()).isEqualTo("third\n");
        HOME.aegis("fork", "a", "--name", "d").ok();
        assertThat(ask("d").getFirst()).as("a fork of a fork").isEqualTo("3");
    }

    @Test
    void anInstanceGoesBack() throws IOException {
        serve();
        assertThat(ask("base").getFirst()).isEqualTo("1");
        in("base", "echo before > /root/file");
        int port = port("base");
        HOME.aegis("snapshot", "create", "base", "then").ok();
        in("base", "echo after > /root/file");
        assertThat(ask("base").getFirst()).isEqualTo("2");
        assertThat(HOME.aegis("rewind", "base", "then").ok().stdout()).contains("the previous state is saved as base-");
        assertThat(in("base", "cat /root/file")).isEqualTo("before");
        assertThat(ask("base").getFirst()).isEqualTo("2");
        assertThat(fetch(port)).as("its port stays").startsWith("3 ");
        String kept = HOME.aegis("snapshot", "list", "-q")
                .ok()
                .stdout()
                .lines()
                .toList()
                .getLast();
        HOME.aegis("rewind", "base", kept, "--discard").ok();
        assertThat(in("base", "cat /root/file")).isEqualTo("after");
        assertThat(ask("base").getFirst()).isEqualTo("3");
    }

    @Test
    void aRaceKeepsTheFirstFixThatPasses(@TempDir Path directory) throws IOException {
        Path repo = Files.createDirectory(directory.resolve("repo"));
        Files.writeString(repo.resolve("f.txt"), "1\n");
        for (String fix : List.of("2", "3", "4")) {
            Files.writeString(
                    directory.resolve(fix + ".patch"), "--- a/f.txt\n+++ b/f.txt\n@@ -1 +1 @@\n-1\n+" + fix + "\n");
        }
        Path race = Path.of("..", "examples", "race.sh").toAbsolutePath().normalize();
        var won = HOME.line(race + " repo 'grep 3 f.txt' 2.patch 3.patch 4.patch", directory)
                .await();
        assertThat(won.ok().stdout()).contains("2.patch: no").endsWith("3.patch\n");
        assertThat(repo.resolve("f.txt")).hasContent("3");
        assertThat(HOME.aegis("ps", "-a", "-q").ok().stdout()).isEmpty();
    }

    @Test
    void whatCannotBeKeptIsRefused() throws IOException {
        HOME.aegis("instance", "start", "--name", "shared", "--workspace", "notes", "--", "sleep", "600")
                .ok();
        HOME.aegis("exec", "-d", "shared", "--", "sh", "-c", ">open; exec sleep 500 <open")
                .ok();
        HOME.aegis("exec", "shared", "--", "sh", "-c", "until pgrep -fx 'sleep 500'; do :; done")
                .ok();
        var refused = HOME.aegis("snapshot", "create", "shared");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.stderr()).contains("directories of the host", "(sleep, exec-", "--disk-only", ":copy");
        HOME.aegis("snapshot", "create", "shared", "disk", "--disk-only").ok();
        assertThat(HOME.aegis("fork", "disk", "--name", "x").stderr()).contains("host directory");

        HOME.aegis("secret", "set", "KEY", "value").ok();
        HOME.aegis("instance", "start", "--name", "secret", "--secret", "KEY", "--", "sleep", "600")
                .ok();
        assertThat(HOME.aegis("fork", "secret").stderr()).contains("secret values", "--secret KEY@HOST");
        HOME.aegis("snapshot", "create", "secret", "open", "--with-secrets").ok();
        assertThat(HOME.aegis("snapshot", "list").ok().stdout()).contains("memory, secrets");
        HOME.aegis("stop", "secret").ok();
        HOME.aegis("instance", "start", "--name", "secret", "--secret", "KEY@example.org")
                .ok();
        assertThat(HOME.aegis("rewind", "secret", "open").stderr())
                .contains("secret values in its memory", "--disk-only");
    }
}
