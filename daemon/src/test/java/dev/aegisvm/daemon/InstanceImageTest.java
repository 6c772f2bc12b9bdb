package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.vmm.VmSpec;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Instances that are made of an image. */
class InstanceImageTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private InstanceView view(String name) throws IOException {
        return ApiJson.answer(
                InstanceView.class,
                daemon.http.get("/v1/instances/" + name).body().getBytes(StandardCharsets.UTF_8));
    }

    private static String body(String handle, String image, String command) {
        return "{\"handle\":\"" + handle + "\",\"image_ref\":\"" + image + "\",\"command\":" + command + "}";
    }

    private Http.Answer refused(String image, int status, String code) throws IOException {
        Http.Answer answer = daemon.http.post("/v1/instances", body("box", image, "[\"sleep\"]"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains("\"code\":\"" + code + "\"");
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
        return answer;
    }

    private String output(String handle) throws IOException {
        return daemon.http.get("/v1/instances/" + handle + "/logs").body();
    }

    @Test
    void itsVmHasTheImageAsItsRootAndRunsTheImagesCommand() throws Exception {
        EmptyImage image = EmptyImage.in(
                daemon.directory.resolve("layout"),
                "--config.entrypoint=greet",
                "--config.cmd=hello",
                "--config.env=A=of the image",
                "--config.env=B=of the image");
        daemon.create(body("own", image.reference(), "[]"));
        daemon.awaitState("own", "running");
        assertThat(view("own").command()).containsExactly("greet", "hello");
        assertThat(view("own").imageRef()).isEqualTo(image.reference());
        VmSpec spec = daemon.vmm.last().spec();
        assertThat(spec.root().orElseThrow()).startsWith(daemon.home.images()).hasSize(64L << 30);

        String env = "{\"handle\":\"env\",\"image_ref\":\"" + image.reference()
                + "\",\"command\":[\"env\",\"A\"],\"env\":{\"B\":\"ours\"}}";
        daemon.create(env);
        daemon.awaitState("env", "stopped");
        assertThat(output("env")).contains("of the image");
        assertThat(view("env").command())
                .as("one that is given replaces the image's")
                .containsExactly("env", "A");
        String exec = daemon.http
                .post("/v1/instances/own/exec", "{\"command\":[\"env\",\"B\"]}")
                .body();
        assertThat(exec).contains("of the image");
        daemon.create(env.replace("\"env\",\"A\"", "\"env\",\"B\"").replace(":\"env\"", ":\"ours\""));
        daemon.awaitState("ours", "stopped");
        assertThat(output("ours")).contains("ours").doesNotContain("of the image");
    }

    @Test
    void theBaseImageIsForThoseThatNameNone() throws Exception {
        daemon.running("box");
        assertThat(daemon.vmm.last().spec().root()).isEmpty();
        assertThat(view("box").imageRef()).isNull();
    }

    @Test
    void itStartsAgainFromTheSameImageAlsoAfterTheTagHasMovedOn() throws Exception {
        EmptyImage image = EmptyImage.in(daemon.directory.resolve("layout"), "--config.env=V=1");
        daemon.create(body("box", image.reference(), "[\"sleep\"]"));
        daemon.awaitState("box", "running");
        Path root = daemon.vmm.last().spec().root().orElseThrow();
        EmptyImage.in(daemon.directory.resolve("layout"), "--config.env=V=2");
        daemon.restart();
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().root()).contains(root);
        String exec = daemon.http
                .post("/v1/instances/box/exec", "{\"command\":[\"env\",\"V\"]}")
                .body();
        assertThat(exec).contains("\"line\":\"1\"");
        daemon.create(body("new", image.reference(), "[\"sleep\"]"));
        daemon.awaitState("new", "running");
        assertThat(daemon.vmm.last().spec().root().orElseThrow()).isNotEqualTo(root);
    }

    @Test
    void anEmptiedCacheIsFilledAgain() throws Exception {
        EmptyImage image = EmptyImage.in(daemon.directory.resolve("layout"), "--config.env=V=1");
        daemon.create(body("box", image.reference(), "[\"sleep\"]"));
        daemon.awaitState("box", "running");
        Path root = daemon.vmm.last().spec().root().orElseThrow();
        assertThat(daemon.http.post("/v1/instances/box/stop", "").status()).isEqualTo(200);
        empty(root);
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().root().orElseThrow()).exists();

        assertThat(daemon.http.post("/v1/instances/box/stop", "").status()).isEqualTo(200);
        empty(daemon.vmm.last().spec().root().orElseThrow());
        EmptyImage.in(daemon.directory.resolve("layout"), "--config.env=V=2");
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        daemon.awaitState("box", "stopped");
        assertThat(view("box").reason()).contains("is now another image than sha256:");
    }

    private static void empty(Path root) throws IOException {
        Path image = root.resolveSibling(".").normalize();
        try (Stream<Path> files = Files.list(image)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(image);
    }

    @Test
    void whatIsNoImageIsRefusedAndLeavesNothing() throws Exception {
        assertThat(refused("No Image", 400, "bad_request").body()).contains("'No Image' is not an image reference");
        assertThat(refused("oci:relative", 400, "bad_request").body()).contains("must be absolute");
        refused("oci:" + daemon.directory.resolve("nowhere"), 404, "image_not_found");
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        String registry = "127.0.0.1:" + nobody;
        assertThat(refused(registry + "/app:1", 502, "registry_unreachable").body())
                .contains(registry)
                .contains("\"hint\"");
        EmptyImage image = EmptyImage.in(daemon.directory.resolve("layout"), "--config.env=V=1");
        Http.Answer silent = daemon.http.post("/v1/instances", body("box", image.reference(), "[]"));
        assertThat(silent.status()).isEqualTo(400);
        assertThat(silent.body()).contains("has no default command");
    }
}
