package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.Tool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Guests that make the daemon hold all that they can, all at once, while one of another user works. */
@Tag("stress")
class HostileGuestsTest {
    private static final int GUESTS = Integer.getInteger("aegis.guests", 20);
    private static final Duration ATTACK = Duration.ofSeconds(Integer.getInteger("aegis.attack", 300));
    private static final int FEWEST_EXECS = 20;
    private static final double PERCENTILE = 0.99;
    private static final byte[] MUCH = new byte[256 << 10];
    /** Of the largest heap that the daemon may have, in bytes. */
    private static final long MOST_HEAP = (512L << 20) * 7 / 10;

    private static final String SPINNER = "while :; do :; done";

    /** A thousand connections that it does not read, a thousand halves of questions, a log without end, processes. */
    private static final String ATTACKER = """
            import os, socket, threading, time
            port = int(os.environ['PORT'])
            name_server = [line.split()[1] for line in open('/etc/resolv.conf') if line.startswith('nameserver')][0]
            def hold(address, words):
                held = []
                while True:
                    while len(held) < 1000:
                        try:
                            s = socket.create_connection(address, 60)
                            s.setblocking(False)
                            held.append(s)
                            s.send(words)
                        except OSError:
                            time.sleep(0.05)
                    held = held[50:]
            def flood():
                while True:
                    os.write(1, b'x' * 2000 + b'\\n')
            def bomb():
                while True:
                    try:
                        for _ in range(200):
                            if os.fork() == 0:
                                end = time.time() + 20
                                while time.time() < end: pass
                                os._exit(0)
                        while True: os.wait()
                    except OSError:
                        time.sleep(0.1)
            for target, arguments in ((hold, (('host.aegis', port), b'y' * 300000)), (hold, ((name_server, 53), b'\\xff')), (flood, ())):
                threading.Thread(target=target, args=arguments).start()
            time.sleep(20)
            if os.fork() == 0: bomb()
            threading.Event().wait()
            """;

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private final Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
    private ServerSocketChannel deaf;

    @BeforeEach
    void open() throws IOException {
        deaf = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 4096);
        Thread.ofVirtual().name("deaf").start(this::acceptAll);
        HOME.startBox();
    }

    @AfterEach
    void close() throws IOException {
        deaf.close();
        for (SocketChannel each : accepted) {
            each.close();
        }
    }

    /** It sends as much as there is room for, and reads nothing. */
    private void acceptAll() {
        try {
            while (true) {
                SocketChannel client = deaf.accept();
                accepted.add(client);
                client.configureBlocking(false);
                client.write(ByteBuffer.wrap(MUCH));
            }
        } catch (IOException end) {
            // The test is over, or one of them has left.
            if (deaf.isOpen()) {
                acceptAll();
            }
        }
    }

    private static List<Double> execs(Duration time) throws IOException {
        List<Double> times = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        try (DaemonClient client = HOME.client()) {
            while (times.size() < FEWEST_EXECS || System.nanoTime() < end) {
                long begin = System.nanoTime();
                client.json(Routes.EXEC.with(ExecRequest.of(List.of("true")), "box"));
                times.add((System.nanoTime() - begin) / 1e6);
            }
        }
        return times;
    }

    private static double percentile(List<Double> times) {
        return times.stream().sorted().toList().get((int) (times.size() * PERCENTILE));
    }

    private void start(String name, String... command) {
        List<String> words = new ArrayList<>(List.of("instance", "start", "--name", name, "--memory", "256M"));
        words.addAll(List.of("--allow", "host.aegis:" + deaf.socket().getLocalPort()));
        words.addAll(List.of("--env", "PORT=" + deaf.socket().getLocalPort(), "--"));
        words.addAll(List.of(command));
        HOME.aegis(words.toArray(String[]::new)).ok();
    }

    /** Bytes of what is alive, after a collection of garbage. */
    private static long liveHeap(long daemon) throws IOException {
        String histogram = Tool.run(
                Path.of(System.getProperty("java.home"), "bin/jcmd").toString(),
                Long.toString(daemon),
                "GC.class_histogram");
        String[] total = histogram.lines().toList().getLast().strip().split("\\s+", -1);
        return Long.parseLong(total[2]);
    }

    private static String held() throws IOException {
        try (DaemonClient client = HOME.client()) {
            return String.valueOf(client.call(Routes.STATUS).held());
        }
    }

    @Test
    void theyHurtThemselvesAlone() throws Exception {
        long daemon = HOME.daemonPid();
        for (int i = 0; i < GUESTS; i++) {
            start("spinner-" + i, "sh", "-c", SPINNER);
        }
        List<Double> before = execs(ATTACK.dividedBy(3));
        for (int i = 0; i < GUESTS; i++) {
            HOME.aegis("instance", "delete", "--force", "spinner-" + i).ok();
        }
        for (int i = 0; i < GUESTS; i++) {
            start("attacker-" + i, "python3", "-c", ATTACKER);
        }
        List<Double> during = execs(ATTACK);
        String held = held();
        long heap = liveHeap(daemon);
        System.out.printf(
                "exec p50 %.0f and p99 %.0f ms beside %d that spin (%d), %.0f and %.0f beside as many attackers (%d);"
                        + " %d connections, live heap %d MB, peak RSS %d MB, %s%n",
                before.stream().sorted().toList().get(before.size() / 2),
                percentile(before),
                GUESTS,
                before.size(),
                during.stream().sorted().toList().get(during.size() / 2),
                percentile(during),
                during.size(),
                accepted.size(),
                heap >> 20,
                HOME.daemonPeakMemoryKib() >> 10,
                held);
        assertThat(HOME.daemonPid()).isEqualTo(daemon);
        assertThat(accepted.size()).as("connections of the attack").isGreaterThan(GUESTS * 20);
        assertThat(heap).isLessThanOrEqualTo(MOST_HEAP);
        assertThat(percentile(during)).isLessThanOrEqualTo(3 * percentile(before));
    }
}
