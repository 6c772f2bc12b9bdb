package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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

/** Files of a guest over the API, one at a time. The guest is the harness's own program, its files are this machine's. */
@Timeout(120)
class FilesTest {
    private static final String BOX = "/v1/instances/box";
    private static final String FILES = BOX + "/files";

    @TempDir
    Path directory;

    private DaemonHarness daemon;
    private Http http;
    private Path place;

    @BeforeAll
    static void build() throws Exception {
        RealHarness.build();
    }

    @BeforeEach
    void open() throws Exception {
        place = Files.createDirectory(directory.resolve("guest"));
        daemon = DaemonHarness.openWithHarness(directory);
        http = daemon.http;
        daemon.create("{\"command\":[\"sleep\",\"1000\"],\"handle\":\"box\",\"cwd\":\"/\"}");
        daemon.awaitState("box", "running");
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private String at(String name) {
        return "?path=" + URLEncoder.encode(place.resolve(name).toString(), StandardCharsets.UTF_8);
    }

    @Test
    void aFileIsWrittenAndRead() throws IOException {
        Http.Answer written = http.put(FILES + at("a b") + "&mode=640", "content".getBytes(StandardCharsets.UTF_8));

        assertThat(written.status()).as(written.body()).isEqualTo(200);
        assertThat(written.body())
                .startsWith("{\"name\":\"a b\",\"type\":\"file\",\"size\":7,\"mode\":\"0640\",\"uid\":")
                .contains("\"modified_at\":\"");
        assertThat(Files.readString(place.resolve("a b"))).isEqualTo("content");
        assertThat(http.get(FILES + at("a b"))).isEqualTo(new Http.Answer(200, "content"));
        assertThat(http.get(FILES + at("a b") + "&offset=2&length=3").body()).isEqualTo("nte");
        assertThat(http.get(FILES + "?path=/proc/self/stat").body()).contains("aegis-harness");
    }

    @Test
    void whatWasBegunAndNotSentToItsEndReplacesNothing() throws IOException {
        Files.writeString(place.resolve("f"), "old");
        byte[] half = new byte[300_000];
        try (SocketChannel channel = http.begin("PUT", FILES + at("f"), half, "Content-Length: 600000\r\n")) {
            await().until(this::isBeingWritten);
            assertThat(Files.readString(place.resolve("f"))).isEqualTo("old");
            channel.shutdownOutput();
        }
        await().until(() -> !isBeingWritten());
        assertThat(names()).containsExactly("f");
        assertThat(Files.readString(place.resolve("f"))).isEqualTo("old");
    }

    /** Whether the harness has a file open that has no name yet. */
    private boolean isBeingWritten() {
        return ProcessHandle.current().descendants().anyMatch(process -> {
            try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
                return open.anyMatch(each -> target(each).matches(place + "/#\\d+ \\(deleted\\)"));
            } catch (IOException | UncheckedIOException gone) {
                return false;
            }
        });
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(place)) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    @Test
    void directoriesAreMadeListedAndRemoved() throws IOException {
        assertThat(http.post(BOX + "/files/mkdir" + at("a/b"), "").status()).isEqualTo(404);
        assertThat(http.post(BOX + "/files/mkdir" + at("a/b") + "&parents", "").status())
                .isEqualTo(200);
        assertThat(http.put(FILES + at("a/c/d") + "&parents=true", new byte[3]).status())
                .isEqualTo(200);
        Files.createSymbolicLink(place.resolve("a/link"), Path.of("c/d"));

        List<String> entries =
                http.get(BOX + "/files/list" + at("a")).body().lines().sorted().toList();
        assertThat(entries).hasSize(3);
        assertThat(entries.getFirst()).startsWith("{\"name\":\"b\",\"type\":\"directory\",");
        assertThat(entries.getLast())
                .startsWith("{\"name\":\"link\",\"type\":\"symlink\",")
                .endsWith("\"target\":\"c/d\"}");

        assertThat(http.get(BOX + "/files/stat" + at("a/link")).body()).contains("\"type\":\"file\",\"size\":3");
        assertThat(http.get(BOX + "/files/stat" + at("a/link") + "&nofollow").body())
                .contains("\"type\":\"symlink\"");
        assertThat(http.post(BOX + "/files/remove" + at("a"), "").body()).contains("file_exists", "not empty");
        assertThat(http.post(BOX + "/files/remove" + at("a") + "&recursive", "").status())
                .isEqualTo(200);
        assertThat(names()).isEmpty();
    }

    @Test
    void aFileMovesAndReplacesUnlessItMustNot() throws IOException {
        Files.writeString(place.resolve("a"), "a");
        Files.writeString(place.resolve("b"), "b");
        String onto = "&to=" + place.resolve("b");

        Http.Answer kept = http.post(BOX + "/files/move" + at("a") + onto + "&keep", "");
        assertThat(kept.status()).isEqualTo(409);
        assertThat(http.post(BOX + "/files/move" + at("a") + onto, "").body()).isEqualTo("{\"status\":\"moved\"}");

        assertThat(Files.readString(place.resolve("b"))).isEqualTo("a");
        assertThat(names()).containsExactly("b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET  | /files?path=/no/such                 | 404 | file_not_found  | no such file",
                "GET  | /files?path=/etc                     | 422 | file_refused    | it is a directory",
                "GET  | /files?path=/dev/null                | 422 | file_refused    | neither a file nor a directory",
                "PUT  | /files?path=/etc                     | 422 | file_refused    | it is a directory",
                "PUT  | /files?path=/no/such/place           | 404 | file_not_found  | no such file",
                "PUT  | /files?path=/proc/new                | 4.. | file_           | /proc/new",
                "PUT  | /files?path=/tmp/x&mode=9            | 400 | bad_request     | mode must be octal",
                "GET  | /files?path=relative                 | 400 | bad_request     | a guest path",
                "GET  | /files                               | 400 | bad_request     | the parameter 'path' is missing",
                "GET  | /files?path=/etc/passwd&offset=-1    | 400 | bad_request     | offset must be a number",
                "GET  | /files?path=/etc/shadow&user=nobody  | 403 | file_denied     | permission denied",
                "GET  | /files?path=/etc/passwd&user=a%00 | 400 | bad_request     | user must be name",
                "GET  | /files?path=/etc/passwd&user=nowhere | 400 | bad_request     | nowhere",
                "GET  | /files/list?path=/etc/passwd         | 422 | file_refused    | not a directory",
                "GET  | /files/tar?path=/no/such             | 404 | file_not_found  | no such file",
                "GET  | /files/tar?path=/dev/null            | 422 | file_refused    | neither a file nor a directory",
                "PUT  | /files/tar?path=/no/such             | 404 | file_not_found  | no such file",
                "PUT  | /files/tar?path=/etc/passwd          | 422 | file_refused    | not a directory",
                "POST | /files/remove?path=/                 | 4.. | file_           | remove /",
                "POST | /files/move?path=/etc/passwd         | 400 | bad_request     | the parameter 'to' is missing",
            })
    void aRefusalSaysWhatAndWhy(String method, String path, String status, String code, String why) throws IOException {
        Http.Answer answer = http.send(method, BOX + path, "");
        assertThat(Integer.toString(answer.status())).as(answer.body()).matches(status);
        assertThat(answer.body()).contains("\"code\":\"" + code, why);
    }

    @Test
    void aClientThatStillSendsIsRefusedAtOnce() throws IOException {
        byte[] some = new byte[65536];
        SocketChannel channel =
                http.begin("PUT", FILES + "?path=/no/such/place", some, "Content-Length: 99999999999\r\n");
        assertThatThrownBy(() -> {
                    while (channel.isOpen()) {
                        channel.write(ByteBuffer.wrap(some));
                    }
                })
                .isInstanceOf(IOException.class);
        try (Http.Connection connection = new Http.Connection(channel)) {
            assertThat(connection.status()).isEqualTo(404);
            assertThat(connection.rest()).contains("file_not_found");
        }
    }

    @Test
    void aPausedInstanceWakesAndAStoppedOneRefuses() throws IOException {
        Files.writeString(place.resolve("f"), "here");
        http.post(BOX + "/pause", "");
        assertThat(http.get(FILES + at("f")).body()).isEqualTo("here");
        daemon.awaitState("box", "running");
        http.post(BOX + "/stop", "");
        Http.Answer refused = http.get(FILES + at("f"));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("wrong_state", "stopped");
    }

    @Test
    void whoeverMayNotWriteThereLeavesNothing() throws IOException {
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        Http.Answer refused = http.put(FILES + at("f") + "&user=nobody", new byte[10]);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(names()).isEmpty();
    }
}
