package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that are files: they are loaded, and no registry is asked for a name like theirs. */
class ImageFilesTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);
    private static final String INSTANCE = """
            {"id":"inst-1","state":"starting","enabled":true,"command":["a"],"created_at":"2026-01-02T03:04:05Z"}""";

    @TempDir
    Path home;

    private volatile String images = image("docker.io/library/app:1");
    private ScriptedDaemon daemon;
    private Path archive;

    private static String image(String... names) {
        String quoted = Stream.of(names).map(name -> "\"" + name + "\"").collect(Collectors.joining(","));
        return "{\"digest\":\"" + DIGEST + "\",\"names\":[" + quoted
                + "],\"size_bytes\":1,\"created_at\":\"2026-01-01T00:00:00Z\",\"used_by\":[]}";
    }

    @BeforeEach
    void open() throws IOException {
        archive = Files.writeString(home.resolve("app.tar"), "x");
        daemon = new ScriptedDaemon(
                home.resolve("aegisd.sock"),
                request -> request.startsWith("POST /v1/images/")
                        ? ScriptedDaemon.chunk("{\"images\":[" + images + "]}\n")
                        : ScriptedDaemon.json(201, INSTANCE.getBytes(UTF_8)));
    }

    @AfterEach
    void close() throws IOException {
        daemon.close();
    }

    private Call start(String image) {
        return Call.at(home, "instance", "start", "--image", image, "--", "a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s/app.tar", "docker-archive:%s/app.tar", "oci-archive:%s/./app.tar"})
    void anArchiveIsLoadedAndTheInstanceIsMadeOfTheImageInIt(String image) {
        Call call = start(image.formatted(home));
        assertThat(call.exitCode()).as(call.err()).isZero();
        assertThat(daemon.requests().getFirst())
                .startsWith("POST /v1/images/load ")
                .contains("{\"path\":\"" + archive + "\"}");
        assertThat(daemon.requests().getLast())
                .startsWith("POST /v1/instances?wait=true ")
                .contains("\"image_ref\":\"docker.io/library/app:1\"");
    }

    @Test
    void anImageWithoutANameIsTakenByItsDigest() {
        images = image();
        assertThat(start(archive.toString()).exitCode()).isZero();
        assertThat(daemon.requests().getLast()).contains("\"image_ref\":\"" + DIGEST + "\"");
    }

    @Test
    void ofSeveralImagesTheUserChoosesOne() {
        images = image("docker.io/library/app:1") + "," + image("docker.io/library/app:2");
        Call call = start(archive.toString());
        assertThat(call.exitCode()).isEqualTo(2);
        assertThat(call.err())
                .contains("loaded 2 images from docker-archive:" + archive)
                .contains("docker.io/library/app:1, docker.io/library/app:2");
        assertThat(daemon.requests()).hasSize(1);
    }

    @Test
    void aDirectoryIsALayout() {
        assertThat(start(home + "/.").exitCode()).isZero();
        assertThat(daemon.requests().getFirst())
                .startsWith("POST /v1/images/pull ")
                .contains("{\"image_ref\":\"oci:" + home + "\",\"missing\":true}");
        assertThat(daemon.requests().getLast()).contains("\"image_ref\":\"oci:" + home + "\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"./none.tar", "../none/none.tar", "/none/none.tar", "~/none.tar", "docker-archive:none.tar"})
    void oneThatIsNotThereIsSaidToBeMissing(String image) {
        Call call = start(image);
        assertThat(call.exitCode()).isEqualTo(2);
        assertThat(call.err())
                .startsWith("aegis instance start: --image: there is no file /")
                .contains("/none.tar\n");
        assertThat(daemon.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"debian:13", "user/app", "aegis:full", "localhost:5000/app:1"})
    void whatLooksLikeANameIsOne(String image) {
        assertThat(start(image).exitCode()).isZero();
        assertThat(daemon.requests().getFirst())
                .startsWith("POST /v1/images/pull ")
                .contains("{\"image_ref\":\"" + image + "\",\"missing\":true}");
    }

    @Test
    void loadAndPullTakeFilesAndDirectories() {
        assertThat(Call.at(home, "image", "load", "docker-archive:" + archive).out())
                .isEqualTo("docker.io/library/app:1: loaded, 1 B\n");
        assertThat(Call.at(home, "image", "load", home.toString()).exitCode()).isZero();
        assertThat(daemon.requests().getLast()).contains("{\"image_ref\":\"oci:" + home + "\",\"missing\":false}");
        assertThat(Call.at(home, "image", "pull", archive.toString()).exitCode())
                .isZero();
        assertThat(daemon.requests().getLast()).startsWith("POST /v1/images/load ");
        assertThat(Call.at(home, "image", "load", "debian:13").err())
                .startsWith("aegis image load: <file>: there is no file /");
    }
}
