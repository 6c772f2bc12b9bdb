package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another user of the host opens 20 000 connections, and sends half a request on each. */
@Tag("stress")
class FloodTest {
    private static final int CONNECTIONS = 20_000;
    /** A process may not have more files open on every host. */
    private static final int ATTACKERS = 2;

    private static final int EXECS = 300;
    /** So that one stray pause of a busy host in either series does not decide. */
    private static final double PERCENTILE = 0.99;

    private static final Duration A_MINUTE = Duration.ofSeconds(60);

    private static final String SERVER = """
            import http.server
            class Handler(http.server.SimpleHTTPRequestHandler):
                protocol_version = 'HTTP/1.1'
            http.server.ThreadingHTTPServer.request_queue_size = 1024
            http.server.ThreadingHTTPServer(('', 80), Handler).serve_forever()
            """;

    /** Says when all are open; then, for each line that it reads, how many still are. */
    private static final String ATTACKER = """
            use Socket; use Errno qw(EAGAIN);
            $| = 1;
            my ($port, $count) = @ARGV;
            my @open;
            for (1 .. $count) {
                socket(my $s, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
                connect($s, sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!";
                syswrite($s, "GET / HTTP/1.1\\r\\nHost: localhost\\r\\nX-Half: ");
                push @open, $s;
            }
            print "opened\\n";
            while (<STDIN>) {
                @open = grep { !defined(recv($_, my $b, 1, MSG_PEEK | MSG_DONTWAIT)) && $! == EAGAIN } @open;
                print scalar(@open), "\\n";
            }
            """;

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private record Attacker(Process process, BufferedReader out, BufferedWriter in) implements AutoCloseable {
        static Attacker at(int port) throws IOException {
            List<String> command = new ArrayList<>();
            if (HostUser.ourselves().uid() == 0) {
                command.addAll(List.of("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"));
            }
            command.addAll(List.of(
                    "sh",
                    "-c",
                    "ulimit -n $(ulimit -H -n) && exec perl -e \"$0\" \"$@\"",
                    ATTACKER,
                    Integer.toString(port),
                    Integer.toString(CONNECTIONS / ATTACKERS)));
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new Attacker(process, process.inputReader(), process.outputWriter());
        }

        void awaitOpened() {
            try {
                assertThat(out.readLine()).isEqualTo("opened");
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        int stillOpen() throws IOException {
            in.write("\n");
            in.flush();
            return Integer.parseInt(out.readLine());
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    private static double exec(DaemonClient client, String name) throws IOException {
        long begin = System.nanoTime();
        client.json(Routes.EXEC.with(ExecRequest.of(List.of("true")), name));
        return (System.nanoTime() - begin) / 1e6;
    }

    private static double percentile(List<Double> times) {
        return times.stream().sorted().toList().get((int) (times.size() * PERCENTILE) - 1);
    }

    /** Milliseconds of commands in an instance beside the attacked one, and in that one itself, in turn. */
    private record Execs(List<Double> beside, List<Double> within) {
        static Execs until(BooleanSupplier end) throws IOException {
            Execs execs = new Execs(new ArrayList<>(), new ArrayList<>());
            try (DaemonClient client = HOME.client()) {
                while (execs.within.size() < EXECS || !end.getAsBoolean()) {
                    execs.beside.add(exec(client, "box"));
                    execs.within.add(exec(client, "web"));
                }
            }
            return execs;
        }
    }

    private static int get(int port) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://127.0.0.1:" + port + "/").toURL().openConnection();
            connection.setRequestProperty("X-Aegis-Instance", "web");
            connection.setReadTimeout(60_000);
            return connection.getResponseCode();
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    /** Of the router, or of the instance itself. */
    private static int port(boolean router) throws IOException {
        try (DaemonClient client = HOME.client()) {
            var web = client.call(Routes.GET, "web");
            String address = Objects.requireNonNull(web.routerAddr());
            return router
                    ? Integer.parseInt(address.substring(address.indexOf(':') + 1))
                    : web.endpoints().getFirst().publicPort();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void itSlowsNoExecAndIsGoneAMinuteLater(boolean router) throws Exception {
        HOME.aegis("instance", "start", "--name", "web", "--expose", "80", "--", "python3", "-c", SERVER)
                .ok();
        HOME.startBox();
        int port = port(router);
        assertThat(get(port)).isEqualTo(200);
        Execs.until(() -> true);
        Execs before = Execs.until(() -> true);
        try (Attacker one = Attacker.at(port);
                Attacker another = Attacker.at(port)) {
            CompletableFuture<Duration> gone =
                    CompletableFuture.supplyAsync(() -> gone(port, one, another), Thread::startVirtualThread);
            Execs during = Execs.until(gone::isDone);
            System.out.printf(
                    "%s: exec p99 %.1f ms before, %.1f during; in the instance itself %.1f and %.1f; all gone after %s%n",
                    router ? "router" : "port",
                    percentile(before.beside),
                    percentile(during.beside),
                    percentile(before.within),
                    percentile(during.within),
                    gone.join());
            assertThat(percentile(during.beside)).isLessThanOrEqualTo(2 * percentile(before.beside));
            assertThat(percentile(during.within)).isLessThanOrEqualTo(2 * percentile(before.within));
        }
    }

    /** How long after the last connection was opened all were closed; meanwhile whoever asks is served. */
    private static Duration gone(int port, Attacker one, Attacker another) {
        one.awaitOpened();
        another.awaitOpened();
        Instant opened = Instant.now();
        assertThat(get(port)).isEqualTo(200);
        await().atMost(A_MINUTE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> one.stillOpen() + another.stillOpen() == 0);
        return Duration.between(opened, Instant.now());
    }
}
