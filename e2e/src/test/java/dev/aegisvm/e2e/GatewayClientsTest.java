package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients as people have them, with resolvers and TLS of their own, through the gateway of a guest: most of them to a host that a
 * secret goes to, whose certificate is then ours. Those that the guest's image lacks are this host's, which it has mounted.
 */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("the clients of a host for development")
class GatewayClientsTest {
    private static final String VALUE = "value-" + Long.toHexString(System.nanoTime());
    /** Begins a program of the host with the host's libraries. */
    private static final String HOST = "/host/lib/ld-linux-x86-64.so.2 --library-path /host/lib /host/";

    @RegisterExtension
    @Order(1)
    static final SmallWorld WORLD = SmallWorld.create();

    @RegisterExtension
    @Order(2)
    static final HomeFixture HOME = WORLD.home().withDaemon();

    private static final GuestNetwork GUESTS = new GuestNetwork(HOME);

    @BeforeAll
    static void makeWhatTheyFetch() {
        host("sh src/test/resources/clients-site.sh " + WORLD.world().directory());
        host("printf %s " + VALUE + " | aegis secret set API_KEY");
    }

    /** The output of a command line of the host's. */
    private static String host(String line) {
        return HOME.line(line, Path.of("").toAbsolutePath())
                .await()
                .ok()
                .stdout()
                .strip();
    }

    private static Path program(String name) {
        return Path.of(host("realpath $(command -v " + name + ")"));
    }

    @BeforeEach
    void startAClient() throws IOException {
        Path java = Path.of(System.getProperty("java.home"));
        // Debian's Java has its settings elsewhere. Its npm finds packages beside itself only where node has its usual
        // path.
        Path settings = java.resolve("conf/security/java.security")
                .toRealPath()
                .resolve("../..")
                .normalize();
        Path npm = program("npm").resolve("../../..").normalize();
        String volumes = Stream.of(
                        "/usr/bin:/host/bin",
                        "/usr/lib/x86_64-linux-gnu:/host/lib",
                        program("node").getParent() + ":/host/node",
                        npm + ":" + npm,
                        java + ":/host/java",
                        settings + ":" + settings,
                        Path.of("target/test-classes").toAbsolutePath() + ":/host/classes")
                .map(volume -> " -v " + volume + ":ro")
                .collect(Collectors.joining());
        GUESTS.start(
                "client",
                "--allow app.test --allow six.test --allow both.test --allow files.test --secret API_KEY@files.test"
                        + " -e JAVA_HOME=/opt/java -e NODE_PATH=" + npm + volumes);
    }

    private static String shell(String script) {
        return GUESTS.exec("client", "sh", "-ec", script).ok().stdout();
    }

    @Test
    void packageManagersInstall() {
        assertThat(shell("""
                echo 'deb [trusted=yes] http://files.test/debian ./' >/etc/apt/sources.list
                rm -r /etc/apt/sources.list.d
                apt-get -q update
                apt-get -q install -y thing
                thing
                """)).endsWith("thing from apt\n");
        assertThat(shell("pip -q install --root-user-action ignore -i https://files.test/simple/ thing;"
                        + " python3 -m thing"))
                .isEqualTo("thing from pip\n");
        String options = " --no-audit --no-fund --no-update-notifier --registry https://files.test/npm/ ";
        shell(HOST + "node/node " + program("npm") + options + "install thing");
        assertThat(shell(HOST + "node/node -e 'require(\"thing\")'")).isEqualTo("thing from npm\n");
    }

    @Test
    void gitClonesByHttpsAndBySsh() throws IOException {
        assertThat(shell("git clone -q https://files.test/project.git a; cat a/thing"))
                .isEqualTo("thing from git\n");
        Path world = WORLD.world().directory();
        HOME.aegis("cp", world.resolve("keys/client").toString(), "client:/root/key")
                .ok();
        String ssh = HOST + "bin/ssh -F none -i /root/key -o StrictHostKeyChecking=no";
        assertThat(shell("chmod 600 /root/key; export GIT_SSH_VARIANT=ssh GIT_SSH_COMMAND='" + ssh + "';"
                        + "git clone -q root@files.test:" + world + "/site/project.git b 2>&1 >/dev/null; cat b/thing"))
                .endsWith("thing from git\n");
    }

    @Test
    void nodeAndGoResolveAndFetch() throws IOException {
        String script = """
                const dns = require("dns").promises;
                const headers = { "x-api-key": process.env.API_KEY };
                (async () => {
                  console.log(await dns.resolve4("app.test"), await dns.resolve6("app.test"));
                  await dns.resolve4("evil.test").catch(error => console.log(error.code));
                  console.log(await (await fetch("http://app.test/")).text());
                  console.log((await fetch("https://files.test/npm/thing", { headers })).status);
                })();
                """;
        String said = GUESTS.exec("client", "sh", "-c", "exec " + HOST + "node/node -e \"$0\"", script)
                .ok()
                .stdout();
        assertThat(said)
                .matches("(?s)\\[ '198\\.1[89]\\..*' ] \\[ 'fd61:6567:6973:.*' ]\nENOTFOUND\napp.test at .*\n200\n");
        assertThat(WORLD.lastSeen()).startsWith(VALUE);
        assertThat(shell("GODEBUG=netdns=go " + HOST + "bin/skopeo list-tags docker://files.test/thing"))
                .contains("\"from-go\"");
    }

    /** In both files of which Java may take whom it trusts: that of Debian, and that of a runtime. */
    @Test
    void javaTrustsByItsOwnFile() throws IOException {
        List<String> files = List.of("/etc/ssl/certs/java/cacerts", "/opt/java/lib/security/cacerts");
        for (String file : files) {
            shell("mkdir -p " + Path.of(file).getParent());
            HOME.aegis("cp", System.getProperty("java.home") + "/lib/security/cacerts", "client:" + file)
                    .ok();
        }
        HOME.aegis("stop", "client").ok();
        HOME.aegis("start", "client").ok();
        String script =
                """
                import ssl
                ours = ssl.PEM_cert_to_DER_cert(open('/etc/ssl/aegis-ca.pem').read())
                print([ours in open(file, 'rb').read() for file in %s])
                """.formatted(files.stream().map(file -> "'" + file + "'").toList());
        assertThat(GUESTS.python("client", script).ok().stdout()).isEqualTo("[True, True]\n");
        assertThat(shell("/host/java/bin/java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp /host/classes"
                        + " -Djavax.net.ssl.trustStore=" + files.getLast()
                        + " dev.aegisvm.e2e.GuestFetch http://app.test/ https://files.test/v2/thing/tags/list"))
                .matches("(?s)app.test at .*\"from-go\".*");
        assertThat(WORLD.lastSeen()).startsWith(VALUE);
    }

    @Test
    void eachFamilyOfAddressesLeadsToEachHost() {
        String script =
                "for host in app six both; do for family in 4 6; do curl -sS -$family http://$host.test/; done; done";
        assertThat(shell(script)).isEqualTo("""
                        app.test at ::ffff:93.184.216.34
                        app.test at ::ffff:93.184.216.34
                        six.test at 2606:4700::1111
                        six.test at 2606:4700::1111
                        both.test at ::ffff:93.184.216.34
                        both.test at 2606:4700::1111
                        """);
    }

    /**
     * Nothing ends a connection because it is silent. The clocks that could are those of the daemon, where 30 seconds to shake hands
     * are the longest, and that by which the guest's kernel forgets where a connection was led, which it shows: more than an hour.
     */
    @Test
    @Tag("slow")
    void aSilentConnectionStays() {
        String script = """
                import socket, ssl, time

                socket.setdefaulttimeout(150)

                def connect(host, port, own):
                    return socket.create_connection((host, port), source_address=('', own))

                def remembered(own):
                    # It counts on minutes until the other side has acknowledged the last bytes.
                    for _ in range(100):
                        with open('/proc/net/nf_conntrack') as all:
                            if max(int(line.split()[4]) for line in all if f' sport={own} ' in line) > 3600:
                                return True
                        time.sleep(0.1)

                quiet = connect('app.test', 2222, 40001)
                half = connect('app.test', 2222, 40002)
                secret = ssl.create_default_context().wrap_socket(
                    connect('files.test', 443, 40003), server_hostname='files.test')
                answers = half.makefile()
                half.sendall(b'late 70\\n')
                half.shutdown(socket.SHUT_WR)
                assert [answers.readline(), answers.readline()] == ['first\\n', 'late 70\\n']
                assert quiet.recv(9) == b'first\\n'
                print([remembered(own) for own in (40001, 40002, 40003)])
                print(answers.read(), end='')
                quiet.sendall(b'still\\n')
                print(quiet.recv(9).decode(), end='')
                secret.sendall(b'GET /npm/thing HTTP/1.1\\r\\nHost: files.test\\r\\n\\r\\n')
                print(secret.recv(15).decode())
                """;
        assertThat(GUESTS.python("client", script).ok().stdout())
                .isEqualTo("[True, True, True]\nlast\nstill\nHTTP/1.1 200 OK\n");
    }
}
