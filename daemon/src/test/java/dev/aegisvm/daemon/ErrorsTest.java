package dev.aegisvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.Build;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.http.ApiServer;
import dev.aegisvm.daemon.http.Services;
import dev.aegisvm.daemon.http.Services.Backend;
import dev.aegisvm.daemon.instance.Journal;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.daemon.secrets.SecretVault.SealedSecret;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.Vmm;
import dev.aegisvm.vmm.fake.FakeVmm;
import dev.aegisvm.vmm.fake.FakeVmm.Moment;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An {@link Error} in a thread of the daemon: whoever waits is answered, and what it broke is ended. */
@Timeout(60)
class ErrorsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private static Error bug() {
        return new NoClassDefFoundError("dev/aegisvm/Replaced");
    }

    /** Fails as a class does whose jar was replaced. */
    private static final class BrokenStore implements SecretVault.Store {
        @Override
        public List<SealedSecret> all() {
            throw bug();
        }

        @Override
        public SealedSecret put(SealedSecret secret) {
            throw bug();
        }

        @Override
        public boolean delete(String name) {
            throw bug();
        }
    }

    @SuppressWarnings("NullAway") // Only the secrets are asked for.
    private Services onlySecrets() throws Exception {
        return new Services(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                new SecretVault(new BrokenStore(), directory.resolve("key")),
                null,
                null,
                null,
                null,
                new Journal(
                        null, null, new EventLog(), new Counters(), ForeignBudget.of(1 << 30, OptionalLong.empty())),
                new Backend("fake", Map.of(), Map::of));
    }

    @Test
    void aHandlerThatDiesAnswers() throws Exception {
        Path socket = directory.resolve("socket");
        Services services = onlySecrets();
        Vertx vertx = ApiServer.newVertx();
        List<String> logged = new CopyOnWriteArrayList<>();
        Logger log = Logger.getLogger(Task.class.getName());
        log.setFilter(record -> logged.add(record.getMessage() + " " + record.getThrown()));
        try (ApiServer api = new ApiServer(vertx, socket, PrivateDirectory.ourselves(), services)) {
            api.listen();
            CompletableFuture<Http.Answer> answer = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    answer.complete(new Http(socket).get("/v1/secrets"));
                } catch (IOException broken) {
                    answer.completeExceptionally(broken);
                }
            });
            assertThat(answer).succeedsWithin(SOON).satisfies(given -> {
                assertThat(given.status()).isEqualTo(500);
                assertThat(given.body()).contains("internal error", "see the daemon's log for details");
            });
            assertThat(logged.toString())
                    .contains("GET /v1/secrets: internal error", "NoClassDefFoundError: dev/aegisvm/Replaced");
        } finally {
            log.setFilter(null);
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @Test
    void aBootThatDiesIsAFailedStart() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            daemon.vmm.holdBack(Moment.START, CompletableFuture.failedFuture(bug()));
            daemon.create("{\"command\":[\"sleep\"],\"handle\":\"box\"}");
            daemon.awaitState("box", "stopped");
            assertThat(daemon.http.get("/v1/events").body()).contains("internal error", "NoClassDefFoundError");
            daemon.vmm.release();
            assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
            daemon.awaitState("box", "running");
        }
    }

    @ParameterizedTest
    @CsvSource({"PAUSE, pause", "RESUME, resume"})
    void workThatDiesEndsTheVmAndIsAnswered(Moment moment, String action) throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            daemon.running("box");
            if (moment == Moment.RESUME) {
                assertThat(daemon.http.post("/v1/instances/box/pause", "").status())
                        .isEqualTo(200);
            }
            daemon.vmm.holdBack(moment, CompletableFuture.failedFuture(bug()));
            assertThat(daemon.later("POST", "/v1/instances/box/" + action))
                    .succeedsWithin(SOON)
                    .satisfies(answer -> assertThat(answer.status()).isGreaterThanOrEqualTo(400));
            daemon.vmm.release();
            daemon.awaitState("box", "stopped");
            assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
            daemon.awaitState("box", "running");
        }
    }

    @Test
    void anInstancesThreadThatDiesAnswersAndGoesOn() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            daemon.running("box");
            assertThat(daemon.http.post("/v1/instances/box/stop", "").status()).isEqualTo(200);
            daemon.bug = bug();
            assertThat(daemon.later("POST", "/v1/instances/box/start"))
                    .succeedsWithin(SOON)
                    .satisfies(answer -> assertThat(answer.status()).isEqualTo(500));
            daemon.bug = null;
            assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
            daemon.awaitState("box", "running");
        }
    }

    @Test
    void aTaskTellsWhoeverWaits() {
        assertThat(Task.call("fails", () -> {
                    throw bug();
                }))
                .failsWithin(SOON)
                .withThrowableThat()
                .withCauseInstanceOf(NoClassDefFoundError.class);
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        Runnable hungry = () -> {
            throw new OutOfMemoryError("none left");
        };
        assertThatThrownBy(() -> Task.run("hungry", hungry, told::complete))
                .as("goes on to end the daemon")
                .isInstanceOf(OutOfMemoryError.class);
        assertThat(told).isCompletedWithValueMatching(OutOfMemoryError.class::isInstance);
    }

    /** A daemon in which a thread dies that nobody waits for. */
    static final class Broken {
        public static void main(String[] arguments) throws InterruptedException {
            LastResort lastResort = LastResort.install();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                lastResort.ending();
                System.out.println("ends in order with " + lastResort.status());
            }));
            Thread.ofVirtual().name("pump").start(() -> {
                throw bug();
            });
            Thread.currentThread().join();
        }
    }

    @Test
    void aThreadThatNobodyWaitsForEndsTheDaemonInOrder() throws Exception {
        assertThat(saidBy(Broken.class)).contains("thread 'pump' died", "NoClassDefFoundError", "ends in order with 3");
    }

    /** A daemon whose event loop finds no memory outside the heap, as any client can bring about, and then none inside. */
    static final class ShortOfMemory {
        public static void main(String[] arguments) throws InterruptedException {
            LastResort.install();
            Vertx vertx = ApiServer.newVertx();
            vertx.runOnContext(now -> {
                throw new OutOfMemoryError("Cannot reserve 65536 bytes of direct buffer memory");
            });
            vertx.runOnContext(now -> {
                throw new OutOfMemoryError("Java heap space");
            });
            Thread.currentThread().join();
        }
    }

    @Test
    void aLackOfDirectMemoryEndsARequestAndNotTheDaemon() throws Exception {
        assertThat(saidBy(ShortOfMemory.class))
                .contains("direct buffer memory", "cannot continue: java.lang.OutOfMemoryError: Java heap space")
                .doesNotContain("cannot continue: java.lang.OutOfMemoryError: Cannot reserve");
        Error ofNetty = new OutOfMemoryError("failed to allocate 65536 byte(s) of direct memory (used: 1, max: 1)");
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        Runnable hungry = () -> {
            throw ofNetty;
        };
        Task.run("hungry", hungry, told::complete);
        assertThat(told).isCompletedWithValue(ofNetty);
    }

    /** Runs a program that ends as broken, and returns what it said. */
    private static String saidBy(Class<?> program) throws Exception {
        Process daemon = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(daemon.getInputStream().readAllBytes(), UTF_8);
        assertThat(daemon.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).as(said).isEqualTo(LastResort.BROKEN);
        return said;
    }

    @Test
    void aPartThatCannotBeClosedLeavesNoOtherOpen() throws Exception {
        FakeVmm fake = new FakeVmm();
        Vmm broken = (Vmm) Proxy.newProxyInstance(
                Vmm.class.getClassLoader(), new Class<?>[] {Vmm.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        throw new IllegalStateException("a bug");
                    }
                    return method.invoke(fake, arguments);
                });
        DaemonHarness daemon = DaemonHarness.openWith(directory, broken);
        daemon.close();
        assertThat(daemon.home.scratch()).as("closed after the backend").doesNotExist();
        daemon.home.lock().close();
    }

    @Test
    void whatTheServerItselfRefusesIsAnsweredAsAnErrorOfTheApi() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            String path = "/v1/instances/box/files?path=/" + "%C3%A4".repeat(2000);
            assertThat(daemon.http.get(path).body()).as("a path that is long").contains("not_found");
            assertThat(refused(daemon, "GET /" + "x".repeat(70_000) + " HTTP/1.1\r\n\r\n"))
                    .containsPattern("^HTTP/1.[01] 414 ")
                    .contains("\"code\":\"too_large\"");
            assertThat(refused(daemon, "GET / HTTP/1.1\r\nX: " + "x".repeat(70_000) + "\r\n\r\n"))
                    .containsPattern("^HTTP/1.[01] 431 ")
                    .contains("\"code\":\"too_large\"");
            assertThat(refused(daemon, "nonsense\r\n\r\n"))
                    .containsPattern("^HTTP/1.[01] 400 ")
                    .contains("\"code\":\"bad_request\"");
        }
    }

    /** What is answered to some bytes, before the end of the connection. */
    private static String refused(DaemonHarness daemon, String bytes) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(daemon.home.socket()))) {
            ByteBuffer rest = ByteBuffer.wrap(bytes.getBytes(UTF_8));
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
            assertThat(answer).containsIgnoringCase("\r\n" + Build.HEADER + ": ");
            return answer;
        }
    }
}
