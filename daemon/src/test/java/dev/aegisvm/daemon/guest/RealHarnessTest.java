package dev.aegisvm.daemon.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.TerminalSize;
import dev.aegisvm.daemon.guest.GuestSession.Health;
import dev.aegisvm.guest.protocol.GuestStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both sides of the channel as they are, without a VM between them. */
@Timeout(120)
class RealHarnessTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Map<String, String> ENV = Map.of("PATH", "/usr/bin:/bin");

    private RealHarness harness;
    private GuestSession session;
    private int lastExec;

    @BeforeAll
    static void build() throws Exception {
        RealHarness.build();
    }

    @BeforeEach
    void connect() throws IOException {
        harness = RealHarness.start();
        session = GuestSession.open(harness.channel(), LIMIT);
    }

    @AfterEach
    void disconnect() throws IOException {
        session.close();
        harness.close();
    }

    @Test
    void healthAndSync() throws Exception {
        Health health = session.health(LIMIT);
        assertThat(health.cpu()).isPositive();
        assertThat(health.netBytes()).isNotNegative();
        session.sync(Optional.empty(), LIMIT);
    }

    @Test
    void theMainProcessRunsOnce() throws Exception {
        GuestProcess main = session.start(
                        ProcessSpec.of("main", List.of("sh", "-c", "echo out; echo err >&2; exit 42"), ENV))
                .await();

        assertThat(text(main.stdout())).isEqualTo("out\n");
        assertThat(text(main.stderr())).isEqualTo("err\n");
        assertThat(exit(main)).isEqualTo(ProcessExit.of(42));
        GuestException again = catchThrowableOfType(
                GuestException.class,
                () -> session.start(ProcessSpec.of("main", List.of("true"), ENV))
                        .await());
        assertThat(again.reason()).isEqualTo(GuestException.Reason.WRONG_STATE);
    }

    @Test
    void aCommandThatDoesNotExistOrIsNotExecutable() {
        assertThat(refusal("no-such-command").reason()).isEqualTo(GuestException.Reason.COMMAND_NOT_FOUND);
        assertThat(refusal("/etc/passwd").reason()).isEqualTo(GuestException.Reason.NOT_EXECUTABLE);
        assertThat(refusal("/tmp").reason()).isEqualTo(GuestException.Reason.NOT_EXECUTABLE);
    }

    @Test
    void stdinGoesInAndComesOut() throws Exception {
        GuestProcess cat =
                session.start(spec(List.of("cat"), true, Optional.empty())).await();
        byte[] bytes = new byte[3_000_000];
        new Random(1).nextBytes(bytes);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(cat, bytes));

        assertThat(cat.stdout().readAllBytes()).isEqualTo(bytes);
        assertThat(exit(cat)).isEqualTo(ProcessExit.of(0));
        writer.get();
    }

    @Test
    void aHundredMegabytesOnBothOutputs() throws Exception {
        GuestProcess process = session.start(spec(
                        List.of("sh", "-c", "head -c 100000000 /dev/zero | tee /dev/stderr"), false, Optional.empty()))
                .await();
        CompletableFuture<Long> errors = CompletableFuture.supplyAsync(() -> drain(process.stderr()));
        long start = System.nanoTime();

        assertThat(drain(process.stdout())).isEqualTo(100_000_000);
        assertThat(errors.get()).isEqualTo(100_000_000);

        System.out.println("harness to host: " + 200_000_000_000L / (System.nanoTime() - start) + " MB/s");
        assertThat(exit(process)).isEqualTo(ProcessExit.of(0));
    }

    @Test
    void aProcessIsSignalledAndKilled() throws Exception {
        GuestProcess terminated = session.start(spec(List.of("sleep", "100"), false, Optional.empty()))
                .await();
        terminated.signal(15);
        GuestProcess killed = session.start(
                        spec(List.of("sh", "-c", "trap '' TERM; sleep 100"), false, Optional.empty()))
                .await();
        killed.kill();

        assertThat(exit(terminated)).isEqualTo(new ProcessExit(143, 15, null, null));
        assertThat(exit(killed)).isEqualTo(new ProcessExit(137, 9, null, null));
    }

    @Test
    void aTerminalHasItsSize() throws Exception {
        GuestProcess shell = session.start(spec(
                        List.of("sh", "-c", "stty size; read x; stty size"),
                        true,
                        Optional.of(new TerminalSize(24, 80))))
                .await();
        byte[] first = shell.stdout().readNBytes(5);
        shell.resize(new TerminalSize(50, 132));
        shell.stdin().write('\n');

        assertThat(new String(first, UTF_8)).isEqualTo("24 80");
        assertThat(text(shell.stdout())).contains("50 132");
        assertThat(exit(shell)).isEqualTo(ProcessExit.of(0));
    }

    @Test
    void anOutputThatIsClosedIsDiscarded() throws Exception {
        GuestProcess process = session.start(
                        spec(List.of("sh", "-c", "head -c 50000000 /dev/zero; echo done >&2"), false, Optional.empty()))
                .await();
        process.stdout().close();

        assertThat(text(process.stderr())).isEqualTo("done\n");
        assertThat(exit(process)).isEqualTo(ProcessExit.of(0));
    }

    @Test
    void aPortIsConnectedTo() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> echo = CompletableFuture.runAsync(() -> echoOnce(server));
            try (GuestStream connection = session.connect(server.getLocalPort(), LIMIT)) {
                connection.out().write("ping".getBytes(UTF_8));
                connection.out().close();
                assertThat(connection.in().readAllBytes()).isEqualTo("ping".getBytes(UTF_8));
            }
            echo.get();
        }
        GuestException refused = catchThrowableOfType(GuestException.class, () -> session.connect(1, LIMIT));
        assertThat(refused.reason()).isEqualTo(GuestException.Reason.SYSTEM);
        assertThat(refused.errno()).hasValue(111);
    }

    @Test
    void manyExecsAreQuick() throws Exception {
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            long start = System.nanoTime();
            GuestProcess process = session.start(spec(List.of("/bin/true"), false, Optional.empty()))
                    .await();
            assertThat(process.stdout().read()).isEqualTo(-1);
            assertThat(exit(process)).isEqualTo(ProcessExit.of(0));
            micros.add((System.nanoTime() - start) / 1000);
        }
        micros.sort(null);
        System.out.println("exec of true: p50 " + micros.get(150) + " us, p99 " + micros.get(297) + " us");
    }

    @Test
    void parkLeavesTheGuestForTheNextSession() throws Exception {
        session.park(LIMIT);

        try (GuestSession next = GuestSession.open(harness.channel(), LIMIT)) {
            GuestProcess process = next.start(spec(List.of("echo", "again"), false, Optional.empty()))
                    .await();
            assertThat(text(process.stdout())).isEqualTo("again\n");
        }
    }

    @Test
    void theHarnessEndsWithItsHost() throws Exception {
        session.close();

        assertThat(harness.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    private ProcessSpec spec(List<String> command, boolean stdin, Optional<TerminalSize> tty) {
        return new ProcessSpec(
                "e" + ++lastExec, command, ENV, Optional.empty(), Optional.empty(), tty, Optional.empty(), stdin);
    }

    private GuestException refusal(String command) {
        return catchThrowableOfType(
                GuestException.class,
                () -> session.start(spec(List.of(command), false, Optional.empty()))
                        .await());
    }

    private static ProcessExit exit(GuestProcess process) throws Exception {
        return process.exit().get(20, TimeUnit.SECONDS);
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), UTF_8);
    }

    private static void write(GuestProcess process, byte[] bytes) {
        try (OutputStream stdin = process.stdin()) {
            stdin.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long drain(InputStream in) {
        try {
            return in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void echoOnce(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
