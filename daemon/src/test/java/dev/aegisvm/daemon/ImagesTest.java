package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ImageViews.ImageProgress;
import dev.aegisvm.api.ImageViews.ImageView;
import dev.aegisvm.api.Routes;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The routes about images. */
class ImagesTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private EmptyImage image;

    @BeforeEach
    void open() throws Exception {
        image = EmptyImage.in(daemon.directory.resolve("layout"), "--config.env=V=1");
    }

    private Http.Answer pull(String reference, boolean missing) throws IOException {
        return daemon.http.post("/v1/images/pull", "{\"image_ref\":\"" + reference + "\",\"missing\":" + missing + "}");
    }

    private static List<ImageView> lastLine(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        String last = answer.body().lines().reduce("", (earlier, later) -> later);
        List<ImageView> images = ApiJson.answer(ImageProgress.class, last.getBytes(StandardCharsets.UTF_8))
                .images();
        return images == null ? List.of() : images;
    }

    private List<ImageView> list() throws IOException {
        return ApiJson.read(
                Routes.LIST_IMAGES.answer(),
                daemon.http.get("/v1/images").body().getBytes(StandardCharsets.UTF_8));
    }

    private Http.Answer delete(String name) throws IOException {
        return daemon.http.delete("/v1/images?image=" + URLEncoder.encode(name, StandardCharsets.UTF_8));
    }

    @Test
    void anImageIsPulledListedUsedAndDeleted() throws Exception {
        assertThat(list()).isEmpty();
        ImageView pulled = lastLine(pull(image.reference(), false)).getFirst();
        assertThat(pulled.names()).containsExactly(image.reference());
        assertThat(list()).containsExactly(pulled);

        String id = daemon.create("{\"command\":[\"sleep\"],\"image_ref\":\"" + image.reference() + "\"}");
        assertThat(list().getFirst().usedBy()).containsExactly(id);
        assertThat(daemon.http
                        .post("/v1/instances/" + id + "/rename", "{\"handle\":\"user\"}")
                        .status())
                .isEqualTo(200);
        assertThat(list().getFirst().usedBy()).containsExactly("user");
        Http.Answer inUse = delete(image.reference());
        assertThat(inUse.status()).isEqualTo(409);
        assertThat(inUse.body()).contains("image_in_use", ": user\"", "aegis instance delete user");
        assertThat(daemon.http.post("/v1/images/prune", "").body()).contains("\"pruned\":0");
        daemon.restart();
        assertThat(list().getFirst().usedBy())
                .as("a stopped instance needs it as well")
                .containsExactly("user");

        assertThat(daemon.http.delete("/v1/instances/" + id).status()).isEqualTo(200);
        assertThat(delete(image.reference()).status()).isEqualTo(200);
        assertThat(list()).isEmpty();
        assertThat(delete(image.reference()).status()).isEqualTo(404);
        assertThat(daemon.home.images().resolve("by-digest")).isEmptyDirectory();
    }

    @Test
    void aPullAsksWhatTheNameStandsForNow() throws Exception {
        String first = lastLine(pull(image.reference(), false)).getFirst().digest();
        EmptyImage.in(daemon.directory.resolve("layout"), "--config.env=V=2");
        String second = lastLine(pull(image.reference(), false)).getFirst().digest();
        assertThat(second).isNotEqualTo(first);
        assertThat(list()).hasSize(2);
        Http.Answer pruned = daemon.http.post("/v1/images/prune", "");
        assertThat(pruned.body()).contains("\"pruned\":2", first, second);
        assertThat(list()).isEmpty();
    }

    @Test
    void archivesAreLoaded() throws Exception {
        Path archive = daemon.directory.resolve("image.tar");
        Process tar = new ProcessBuilder(
                        "tar",
                        "-cf",
                        archive.toString(),
                        "-C",
                        daemon.directory.resolve("layout").toString(),
                        ".")
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        Http.Answer loaded = daemon.http.post("/v1/images/load", "{\"path\":\"" + archive + "\"}");
        assertThat(lastLine(loaded)).hasSize(1);
        assertThat(list()).hasSize(1);
    }

    @Test
    void whatCannotBeIsRefusedWithItsStatus() throws Exception {
        assertThat(pull("oci:" + daemon.directory.resolve("none"), true).status())
                .isEqualTo(404);
        assertThat(pull("No Image", true).status()).isEqualTo(400);
        assertThat(pull("", true).body()).contains("image_ref is required");
        assertThat(daemon.http
                        .post("/v1/images/load", "{\"path\":\"image.tar\"}")
                        .body())
                .contains("must be absolute");
        Path text = Files.writeString(daemon.directory.resolve("text"), "no archive\n".repeat(100));
        Http.Answer nothing = daemon.http.post("/v1/images/load", "{\"path\":\"" + text + "\"}");
        assertThat(nothing.status()).as(nothing.body()).isBetween(400, 500);
        assertThat(nothing.body()).contains(text + " is not a tar archive", "docker save");
        assertThat(daemon.http.delete("/v1/images").body()).contains("image is required");
    }
}
