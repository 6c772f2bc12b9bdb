package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.api.Routes;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images whose names begin with aegis: are here, or cannot be had; no registry is asked. */
class OwnImagesTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Path base;
    private Path full;

    @BeforeEach
    void open() throws Exception {
        full = daemon.directory.resolve("full.erofs");
        base = Files.writeString(daemon.directory.resolve("base.erofs"), "base");
        Files.createDirectories(daemon.home.cache());
        Files.writeString(daemon.home.guestProperties(), "base=" + base + "\nfull=" + full + "\n");
    }

    private Http.Answer create(String handle, String image) throws IOException {
        return daemon.http.post(
                "/v1/instances",
                "{\"handle\":\"" + handle + "\",\"image_ref\":\"" + image + "\",\"command\":[\"sleep\"]}");
    }

    private Map<String, List<String>> users() throws IOException {
        byte[] list = daemon.http.get("/v1/images").body().getBytes(StandardCharsets.UTF_8);
        Map<String, List<String>> users = new TreeMap<>();
        for (ImageView image : ApiJson.read(Routes.LIST_IMAGES.answer(), list)) {
            users.put(String.join(" ", image.names()), image.usedBy());
        }
        return users;
    }

    @Test
    void theBaseImageIsTheOneThatIsHadWithoutAsking() throws Exception {
        daemon.running("silent");
        assertThat(create("named", "aegis:base").status()).isEqualTo(201);
        daemon.awaitState("named", "running");
        assertThat(daemon.vmm.last().spec().root()).isEmpty();
        assertThat(users()).containsOnlyKeys("aegis:base");
        assertThat(users().get("aegis:base")).containsExactly("named", "silent");
        assertThat(daemon.http.post("/v1/instances/silent/disable", "").status())
                .isEqualTo(200);
        assertThat(create("silent", "aegis:base").status()).isEqualTo(200);
    }

    @Test
    void theFullImageIsUsedAsSoonAsItIsThere() throws Exception {
        Http.Answer missing = create("box", "aegis:full");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.body())
                .contains("image_not_found", "aegis:full is not on this host", "aegisvm-image-full", "make image-full");

        Files.writeString(full, "full");
        assertThat(daemon.http
                        .post("/v1/images/pull", "{\"image_ref\":\"aegis:full\",\"missing\":true}")
                        .body())
                .contains("\"digest\":\"aegis:full\"");
        assertThat(create("box", "aegis:full").status()).isEqualTo(201);
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().root()).contains(full);
        assertThat(daemon.http
                        .post("/v1/instances/box/exec", "{\"command\":[\"env\",\"LANG\"]}")
                        .body())
                .contains("C.UTF-8");
        daemon.restart();
        assertThat(users().get("aegis:full")).hasSize(1);
        assertThat(daemon.http.delete("/v1/images?image=aegis:full").body())
                .contains("bad_request", "cannot be deleted with this command", full.toString());
        assertThat(daemon.http.post("/v1/images/prune", "").body()).contains("\"pruned\":0");
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().root()).contains(full);
    }

    /** No user's file has to change for it. */
    @Test
    void aPackageThatIsInstalledLaterBringsTheFullImage() throws Exception {
        Files.writeString(daemon.home.guestProperties(), "base=" + base + "\n");
        assertThat(create("box", "aegis:full").status()).isEqualTo(404);
        Files.writeString(full, "full");
        Files.writeString(base.resolveSibling("full.properties"), "full=" + full.getFileName() + "\n");
        assertThat(create("box", "aegis:full").status()).isEqualTo(201);
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().root()).contains(full);
    }

    @ParameterizedTest
    @CsvSource({"aegis:x", "aegis:", "aegis:full@sha256:1", "aegis:base:1", "aegis:../base"})
    void anotherNameIsRefusedWithThoseThatThereAre(String image) throws Exception {
        Http.Answer refused = create("box", image);
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.body())
                .contains("there is no image " + image
                        + ": the images that come with AegisVM are aegis:base and aegis:full");
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void anImageOfTheCacheIsFoundByItsDigestAlone() throws Exception {
        EmptyImage layout = EmptyImage.in(daemon.directory.resolve("layout"), "--config.cmd=sleep");
        String pulled = daemon.http
                .post("/v1/images/pull", "{\"image_ref\":\"" + layout.reference() + "\"}")
                .body();
        String digest = pulled.replaceAll("(?s).*\"digest\":\"(sha256:[0-9a-f]{64})\".*", "$1");
        assertThat(create("box", digest).status()).isEqualTo(201);
        daemon.awaitState("box", "running");
        String none = "sha256:" + "0".repeat(64);
        assertThat(create("other", none).body())
                .contains("image_not_found", "there is no image " + none + " on this host");
    }
}
