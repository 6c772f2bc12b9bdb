package dev.aegisvm.daemon;

import static dev.aegisvm.daemon.ExposedPorts.HELLO;
import static dev.aegisvm.daemon.ExposedPorts.assertEchoes;
import static dev.aegisvm.daemon.ExposedPorts.connect;
import static dev.aegisvm.daemon.ExposedPorts.echoed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.fake.FakeVmm;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that connects finds its server, whatever the instance is doing at that moment. */
class WakeTest {
    private static final int CLIENTS = 200;
    private static final Pattern ALL_ECHOED = Pattern.compile("\"relayed_in\":([1-9]\\d*),\"relayed_out\":\\1,");

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private ExposedPorts ports;

    @BeforeEach
    void open() throws Exception {
        ports = new ExposedPorts(daemon);
    }

    private static CompletableFuture<String> client(int port) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (Socket socket = connect(port)) {
                answer.complete(echoed(socket));
            } catch (IOException | RuntimeException failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /** What a client sends keeps the guest awake until the relay has done with it, which may be after the answer. */
    private void awaitAllEchoed() {
        await().until(() -> ALL_ECHOED
                .matcher(daemon.http.get("/v1/instances/web/stats").body())
                .find());
    }

    private void awaitConnections(int number) {
        await().until(() -> ports.info("web").contains("\"active_connections\":" + number));
    }

    @Test
    void aPausedOneIsResumed() throws Exception {
        int port = ports.running("web", 80);
        ports.post("web", "pause");
        assertEchoes(port);
        assertThat(ports.info("web")).contains("\"state\":\"running\"");
        assertThat(daemon.http.get("/v1/events").body())
                .contains("\"to\":\"resuming\",\"because\":\"a client connected to port 80\"");
        assertThat(daemon.vmm.all()).hasSize(1);
    }

    @Test
    void aStoppedOneIsBootedOnceHoweverManyCome() throws Exception {
        int port = ports.running("web", 80);
        ports.post("web", "stop");
        CompletableFuture<Void> gate = new CompletableFuture<>();
        daemon.vmm.holdBack(gate);
        List<CompletableFuture<String>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(client(port));
        }
        awaitConnections(CLIENTS);
        gate.complete(null);
        clients.forEach(client -> assertThat(client.join()).isEqualTo(HELLO));
        assertThat(daemon.vmm.all()).hasSize(2);
        awaitConnections(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"starting", "pausing", "resuming", "stopping", "aborting"})
    void oneThatIsInBetweenIsWaitedFor(String state) throws Exception {
        int port = ports.running("web", 80);
        bring(state);
        CompletableFuture<String> early = client(port);
        CompletableFuture<String> another = client(port);
        awaitConnections(2);
        daemon.vmm.release();
        assertThat(early.join()).isEqualTo(HELLO);
        assertThat(another.join()).isEqualTo(HELLO);
        assertThat(ports.info("web")).contains("\"state\":\"running\"");
    }

    private void bring(String state) throws IOException {
        String path = "/v1/instances/web/";
        CompletableFuture<Void> gate = new CompletableFuture<>();
        CompletableFuture<Http.Answer> begun;
        switch (state) {
            case "starting", "aborting" -> {
                ports.post("web", "stop");
                daemon.vmm.holdBack(gate);
                ports.post("web", "start");
                begun = state.equals("aborting") ? daemon.later("POST", path + "stop") : new CompletableFuture<>();
            }
            case "pausing" -> {
                daemon.vmm.holdBack(FakeVmm.Moment.PAUSE, gate);
                begun = daemon.later("POST", path + "pause");
            }
            case "resuming" -> {
                ports.post("web", "pause");
                daemon.vmm.holdBack(FakeVmm.Moment.RESUME, gate);
                begun = daemon.later("POST", path + "resume");
            }
            case "stopping" -> {
                daemon.vmm.holdBack(FakeVmm.Moment.SHUTDOWN, gate);
                begun = daemon.later("POST", path + "stop");
            }
            default -> throw new IllegalArgumentException(state);
        }
        daemon.awaitTold("web", state);
        assertThat(begun).isNotDone();
    }

    @Test
    void somethingSentOverAnOpenConnectionWakes() throws Exception {
        int port = ports.running("web", 80);
        try (Socket socket = connect(port)) {
            assertThat(echoed(socket)).isEqualTo(HELLO);
            awaitAllEchoed();
            ports.post("web", "pause");
            assertThat(ports.info("web")).contains("\"state\":\"paused\"", "\"active_connections\":1");
            assertThat(echoed(socket)).isEqualTo(HELLO);
            daemon.awaitState("web", "running");
            awaitAllEchoed();
            ports.post("web", "pause");
            daemon.vmm.holdBack(FakeVmm.Moment.RESUME, new CompletableFuture<>());
            assertThat(echoed(socket)).isEqualTo(HELLO);
            daemon.awaitTold("web", "resuming");
        }
    }

    @Test
    void somethingSentDuringThePauseResumesAtOnce() throws Exception {
        int port = ports.running("web", 80);
        try (Socket socket = connect(port)) {
            assertThat(echoed(socket)).isEqualTo(HELLO);
            CompletableFuture<Void> gate = new CompletableFuture<>();
            daemon.vmm.holdBack(FakeVmm.Moment.PAUSE, gate);
            CompletableFuture<Http.Answer> paused = daemon.later("POST", "/v1/instances/web/pause");
            daemon.awaitTold("web", "pausing");
            assertThat(echoed(socket)).isEqualTo(HELLO);
            gate.complete(null);
            daemon.awaitTold("web", "running");
            assertThat(paused.join().status()).isIn(200, 409);
        }
    }

    @Test
    void aPauseWhileAClientWaitsForTheServerDoesNotLast() throws Exception {
        int port = ports.running("web", 81);
        CompletableFuture<String> client = client(port);
        await().until(() -> daemon.vmm.last().guest().calls("connect") > 1);
        ports.post("web", "pause");
        daemon.awaitState("web", "running");
        daemon.vmm.last().guest().listen(81);
        assertThat(client.join()).isEqualTo(HELLO);
    }

    /** It may have been too late for the guest to read it. */
    @Test
    void whatWasSentJustBeforeAPauseAndNotAnsweredEndsIt() throws Exception {
        int port = ports.running("web", 81);
        daemon.vmm.last().guest().listen(81, "deaf");
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write(1);
            await().until(() -> daemon.vmm.last().guest().calls("data") == 1);
            ports.post("web", "pause");
            daemon.awaitState("web", "running");
            assertThat(daemon.http.get("/v1/events").body())
                    .contains("\"to\":\"resuming\",\"because\":\"a client waits for it\"");
        }
    }

    @Test
    void anOpenConnectionThatIsSilentDoesNotEndAPause() throws Exception {
        int port = ports.running("web", 80);
        try (Socket socket = connect(port)) {
            assertThat(echoed(socket)).isEqualTo(HELLO);
            awaitAllEchoed();
            ports.post("web", "pause");
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isNegative();
        }
        awaitConnections(0);
        assertThat(ports.info("web")).contains("\"state\":\"paused\"");
    }

    @Test
    void aBootThatFailsEndsTheConnectionAndTheNextOneTriesAgain() throws Exception {
        int port = ports.running("web", 80);
        ports.post("web", "stop");
        daemon.vmm.refuse("no VM today");
        try (Socket socket = connect(port)) {
            assertThat(socket.getInputStream().read()).isNegative();
        }
        await().untilAsserted(() ->
                assertThat(ports.logs("web")).contains("a connection to port 80 was closed: ", "no VM today"));
        daemon.vmm.refuse(null);
        assertEchoes(port);
    }

    @Test
    void aHostWithoutMemoryEndsTheConnection() throws Exception {
        int port = ports.running("web", 80);
        ports.post("web", "stop");
        daemon.availableMb = 100;
        try (Socket socket = connect(port)) {
            assertThat(socket.getInputStream().read()).isNegative();
        }
        await().untilAsserted(() -> assertThat(ports.logs("web")).contains("was closed: ", "100"));
        daemon.availableMb = DaemonHarness.HOST_MB;
        assertEchoes(port);
    }

    @Test
    void theNextDaemonWakesItToo() throws Exception {
        int port = ports.running("web", 80);
        daemon.restart();
        assertEchoes(port);
        assertThat(ports.info("web")).contains("\"state\":\"running\"");
    }

    /** Seldom seen by one walk, so there are many: whoever connects is served, and nobody boots a VM beside another one. */
    @Test
    void pausesAndResumesAndStopsDoNotLoseAClient() throws Exception {
        int port = ports.running("web", 80);
        for (int round = 0; round < 30; round++) {
            String verb = List.of("pause", "stop", "pause").get(round % 3);
            CompletableFuture<Http.Answer> asked = daemon.later("POST", "/v1/instances/web/" + verb);
            CompletableFuture<String> client = client(port);
            asked.join();
            try {
                // A stop may break or end a connection that it finds open; nothing else may.
                assertThat(client.join()).isIn(verb.equals("stop") ? List.of(HELLO, "") : List.of(HELLO));
            } catch (CompletionException broken) {
                assertThat(verb).isEqualTo("stop");
                assertThat(broken).hasRootCauseInstanceOf(IOException.class);
            }
            assertEchoes(port);
        }
    }
}
