package dev.aegisvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aegisvm.daemon.http.ApiServer;
import dev.aegisvm.daemon.http.Backend;
import dev.aegisvm.daemon.http.Services;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.secrets.SecretStore;
import dev.aegisvm.daemon.secrets.SecretStore.SealedSecret;
import dev.aegisvm.daemon.secrets.SecretVault;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.fake.FakeVmm.Moment;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An {@link Error} in a thread of the daemon: whoever waits is answered, and what it broke is ended. */
@Timeout(60)
class ErrorsTest {
    private static final Duration SOON = Duration.ofSeconds(1);

    @TempDir
    Path directory;

    private static Error bug() {
        return new NoClassDefFoundError("dev/aegisvm/Replaced");
    }

    /** Fails as a class does whose jar was replaced. */
    private static final class BrokenStore implements SecretStore {
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

    @Test
    @SuppressWarnings("NullAway") // Only the secrets are asked for.
    void aHandlerThatDiesAnswers() throws Exception {
        Path socket = directory.resolve("socket");
        Services services = new Services(
                null,
                null,
                null,
                null,
                new EventLog(),
                new SecretVault(new BrokenStore(), directory.resolve("key")),
                null,
                new Backend("fake", Map.of(), "0"));
        Vertx vertx = ApiServer.newVertx();
        try (ApiServer _ = ApiServer.start(vertx, socket, PrivateDirectory.ourselves(), services)) {
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
                assertThat(given.body()).contains("internal error", "the daemon's log has the details");
            });
        } finally {
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
                    .succeedsWithin(Duration.ofSeconds(5))
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
        Process daemon = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Broken.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(daemon.getInputStream().readAllBytes(), UTF_8);
        assertThat(daemon.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.exitValue()).as(said).isEqualTo(LastResort.BROKEN);
        assertThat(said).contains("thread 'pump' died", "NoClassDefFoundError", "ends in order with 3");
    }
}
