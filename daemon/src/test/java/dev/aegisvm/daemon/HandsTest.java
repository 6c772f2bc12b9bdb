package dev.aegisvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.guest.RealHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a hasty client does to a guest, which is the harness's own program. */
@Timeout(120)
class HandsTest {
    private static final String BOX = "/v1/instances/box";

    @TempDir
    Path directory;

    private DaemonHarness daemon;

    @BeforeAll
    static void build() throws Exception {
        RealHarness.build();
    }

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWithHarness(directory);
        daemon.create("{\"command\":[\"sleep\",\"1000\"],\"handle\":\"box\",\"cwd\":\"/\"}");
        daemon.awaitState("box", "running");
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"cwd\":\"/no/such/place\" | working directory: No such file or directory; make it with mkdir -p",
                "\"user\":\"no-such-user\"  | user no-such-user: not in the guest's /etc/passwd",
            })
    void aPlaceOrAUserThatIsNotThereIsTheCallersMistake(String field, String why) throws IOException {
        String body = "{\"command\":[\"true\"]," + field;
        for (Http.Answer answer : List.of(
                daemon.http.post(BOX + "/exec", body + ",\"detach\":true}"),
                daemon.http.post("/v1/instances?wait=true", body + "}"))) {
            assertThat(answer.body()).contains("bad_request", "\"error\":\"" + why);
            assertThat(answer.status()).isEqualTo(400);
        }
    }

    /** The harness takes 64 at a time, and refuses more. */
    @Test
    void twoHundredFilesAreWrittenAtOnce() throws Exception {
        int files = 200;
        CountDownLatch ready = new CountDownLatch(files);
        List<CompletableFuture<Integer>> written = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int file = 0; file < files; file++) {
                String path = directory.resolve("guest/file" + file).toString();
                written.add(CompletableFuture.supplyAsync(
                        () -> {
                            ready.countDown();
                            return write(path, ready);
                        },
                        threads));
            }
        }
        assertThat(written).extracting(CompletableFuture::join).containsOnly(200);
        try (Stream<Path> there = Files.list(directory.resolve("guest"))) {
            assertThat(there).hasSize(files);
        }
    }

    private int write(String path, CountDownLatch ready) {
        try {
            ready.await();
            return daemon.http
                    .put(BOX + "/files?parents&path=" + URLEncoder.encode(path, UTF_8), path.getBytes(UTF_8))
                    .status();
        } catch (IOException | InterruptedException broken) {
            throw new IllegalStateException(broken);
        }
    }
}
