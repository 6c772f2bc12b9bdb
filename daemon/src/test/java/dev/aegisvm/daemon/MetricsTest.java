package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.daemon.home.HomeException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus gets. */
class MetricsTest {
    @TempDir
    Path directory;

    private @Nullable DaemonHarness opened;

    private DaemonHarness daemon() {
        return Objects.requireNonNull(opened);
    }

    private void open(String... settings) throws Exception {
        Path home = Files.createDirectories(directory.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        Files.write(home.resolve("config.toml"), List.of(settings));
        opened = DaemonHarness.open(directory);
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private String metrics() throws IOException {
        Http.Answer answer = daemon().http.get("/v1/metrics");
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void whatHappensIsCounted() throws Exception {
        open();
        assertThat(metrics())
                .contains("aegis_instances{state=\"running\"} 0.0\n")
                .doesNotContain("aegis_wake");
        ExposedPorts ports = new ExposedPorts(daemon());
        int port = ports.running("web", 80);
        ports.post("web", "pause");
        ExposedPorts.assertEchoes(port);
        ports.post("web", "stop");
        ports.post("web", "start");
        daemon().awaitState("web", "running");
        daemon().http.post("/v1/instances/web/exec", "{\"command\":[\"sleep\"],\"detach\":true}");
        daemon().http.get("/v1/instances/nobody");
        daemon().vmm.refuse("no memory");
        daemon().create("{\"command\":[\"sleep\"],\"handle\":\"never\"}");
        daemon().awaitState("never", "stopped");
        assertThat(metrics())
                .contains(
                        "# TYPE aegis_start_seconds summary\n",
                        "aegis_start_seconds_count{way=\"cold\"} 2\n",
                        "aegis_start_stage_seconds_count{stage=\"hello\",way=\"cold\"} 2\n",
                        "aegis_start_failures_total{code=\"boot_failed\"} 1.0\n",
                        "aegis_wake_seconds_count{state=\"paused\"} 1\n",
                        "aegis_wake_seconds_count{state=\"stopped\"} 1\n",
                        "aegis_execs_total 1.0\n",
                        "aegis_relayed_bytes_total{direction=\"in\"} 5.0\n",
                        "aegis_relayed_bytes_total{direction=\"out\"} 5.0\n",
                        "aegis_refused_requests_total{code=\"not_found\"} 1.0\n",
                        "aegis_guest_memory_bytes{kind=\"limit\"} ",
                        "aegis_instances{state=\"running\"} 1.0\n",
                        "aegis_instances{state=\"stopped\"} 1.0\n")
                .doesNotContain("web", "never", "nobody", "inst-");
    }

    @Test
    void instancesHaveNoSeriesOfTheirOwn() throws Exception {
        open();
        daemon().running("one");
        long series = metrics().lines().count();
        daemon().running("two");
        daemon().running("three");
        assertThat(metrics().lines()).hasSize((int) series);
    }

    @Test
    void aPortOfTheLoopbackHasThemToo() throws Exception {
        String address = freeAddress();
        open("metrics_addr = \"" + address + "\"");
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/metrics"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-type"))
                    .contains("text/plain; version=0.0.4; charset=utf-8");
            assertThat(answer.body()).contains("aegis_instances{state=\"running\"} 0.0\n");
        }
        assertThat(raw(address, "GET /metrics", "localhost")).startsWith("HTTP/1.1 200 ");
        assertThat(raw(address, "GET /metrics", "evil.example")).startsWith("HTTP/1.1 403 ");
        assertThat(raw(address, "GET /v1/status", "localhost")).startsWith("HTTP/1.1 404 ");
        assertThat(raw(address, "POST /metrics", "localhost")).startsWith("HTTP/1.1 404 ");
    }

    private static String freeAddress() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return "127.0.0.1:" + free.getLocalPort();
        }
    }

    private static String raw(String address, String target, String host) throws IOException {
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        try (Socket socket = ExposedPorts.connect(port)) {
            String request = target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aTakenPortStopsTheStartAndSaysWhatToDo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertThatThrownBy(() -> open("metrics_addr = \"" + address + "\""))
                    .isInstanceOf(HomeException.class)
                    .hasMessageContaining("cannot serve metrics on " + address)
                    .hasMessageContaining("metrics_addr");
        }
    }

    @Test
    void anAddressOfTheNetworkIsRefused() {
        assertThatThrownBy(() -> open("metrics_addr = \"0.0.0.0:9464\""))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("metrics_addr must be \"127.0.0.1:PORT\"");
    }
}
