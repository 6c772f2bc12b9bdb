package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The one HTTP port for all instances, with servers in guests behind it. */
@Tag("vm")
@NotInOuterVm("what is relayed on the host")
class HttpRouterTest {
    private static final int BODY = 32 << 20;

    /** Answers a GET with its name and the Host it was asked for, a POST with the digest of the body. */
    private static final String SERVER = """
            import hashlib, http.server, sys
            class Handler(http.server.BaseHTTPRequestHandler):
                protocol_version = 'HTTP/1.1'
                def answer(self, text):
                    body = text.encode()
                    self.send_response(200)
                    self.send_header('Content-Length', str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                def do_GET(self):
                    self.answer(sys.argv[1] + ' ' + self.headers['Host'])
                def do_POST(self):
                    digest = hashlib.sha256()
                    left = int(self.headers['Content-Length'])
                    while left:
                        piece = self.rfile.read(min(left, 65536))
                        digest.update(piece)
                        left -= len(piece)
                    self.answer(digest.hexdigest())
            http.server.ThreadingHTTPServer(('', 80), Handler).serve_forever()
            """;

    @TempDir
    Path directory;

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @AutoClose
    private final HttpClient http = HttpClient.newHttpClient();

    private void start(String name) {
        HOME.aegis("instance", "start", "--name", name, "--expose", "80", "--", "python3", "-c", SERVER, name)
                .ok();
    }

    private String router() throws IOException {
        try (DaemonClient daemon = HOME.client()) {
            daemon.connect();
            return Objects.requireNonNull(daemon.call(Routes.GET, "one").routerAddr());
        }
    }

    private HttpRequest.Builder request(String router, String instance) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://" + router + "/")).timeout(Duration.ofMinutes(2));
        return instance.isEmpty() ? request : request.header("X-Aegis-Instance", instance);
    }

    private HttpResponse<String> get(String router, String instance) throws IOException, InterruptedException {
        return http.send(request(router, instance).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void requestsReachTheInstanceThatTheyNameAndWakeIt() throws Exception {
        start("one");
        String router = router();
        assertThat(get(router, "").body()).isEqualTo("one " + router);
        start("two");
        assertThat(get(router, "two").body()).startsWith("two ");
        HttpResponse<String> unclear = get(router, "");
        assertThat(unclear.statusCode()).isEqualTo(503);
        assertThat(unclear.headers().firstValue("Retry-After")).hasValue("3");
        assertThat(get(router, "nobody").statusCode()).isEqualTo(503);

        assertThat(get(router, "one").headers().firstValue("X-Aegis-Wake-Ms")).isEmpty();
        HOME.aegis("instance", "pause", "one").ok();
        assertThat(get(router, "one").headers().firstValueAsLong("X-Aegis-Wake-Ms"))
                .isPresent();
        HOME.aegis("instance", "stop", "one").ok();
        HttpResponse<String> woken = get(router, "one");
        assertThat(woken.body()).startsWith("one ");
        assertThat(woken.headers().firstValueAsLong("X-Aegis-Wake-Ms").orElseThrow())
                .isPositive();
        HOME.aegis("instance", "disable", "one").ok();
        assertThat(get(router, "one").statusCode()).isEqualTo(503);
        assertThat(get(router, "two").statusCode()).isEqualTo(200);
    }

    @Test
    void aLargeBodyArrivesWholeAndIsNotKeptInMemory() throws Exception {
        start("one");
        String router = router();
        assertThat(get(router, "one").statusCode()).isEqualTo(200);
        byte[] body = new byte[BODY];
        new Random(8).nextBytes(body);
        Path file = Files.write(directory.resolve("body"), body);
        long before = HOME.daemonPeakMemoryKib();
        HttpResponse<InputStream> answer = http.send(
                request(router, "one")
                        .POST(HttpRequest.BodyPublishers.ofFile(file))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(new String(answer.body().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(body)));
        assertThat(HOME.daemonPeakMemoryKib() - before).isLessThan(64 * 1024);
    }
}
