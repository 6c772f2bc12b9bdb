package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.testkit.LocalRegistry;
import dev.aegisvm.testkit.OciImage;
import dev.aegisvm.testkit.TestHome;
import dev.aegisvm.testkit.Tool;
import dev.aegisvm.vmm.GuestImage;
import dev.aegisvm.vmm.VmmException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** VMs of images from a real registry, which real tools have filled. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("emulated: with a spare")
class RegistryImageTest {
    private static final int NOISE = 8 << 20;

    /** What the harness makes in every guest, and where kernel file systems are. */
    private static final List<String> OURS = List.of(
            "/dev",
            "/proc",
            "/run",
            "/sys",
            "/tmp",
            "/etc/hostname",
            "/etc/hosts",
            "/etc/machine-id",
            "/etc/resolv.conf");

    @TempDir
    Path directory;

    /** With a spare machine, as users have it under emulation; so no template is made for each image. */
    @RegisterExtension
    final HomeFixture home = HomeFixture.create().with("AEGIS_SPARES", "1").with("AEGIS_ACCEL", "tcg");

    private final List<String> pulled = new ArrayList<>();
    private OciImage image;

    @BeforeEach
    void image() throws IOException {
        home.with("DOCKER_CONFIG", directory.toString());
        image = BusyboxImage.make(directory.resolve("layout"), "app").with(file("which", "this one\n"), "/which");
    }

    @AfterEach
    void deleteImages() {
        // All tests share the cache.
        pulled.forEach(name -> home.aegis("image", "delete", name));
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    /** An image with a layer that takes a while to come. */
    private OciImage withNoise() throws IOException {
        byte[] noise = new byte[NOISE];
        new Random().nextBytes(noise);
        return image.with(Files.write(directory.resolve("noise"), noise), "/noise");
    }

    private String run(String reference, String... command) {
        pulled.add(reference);
        String[] words = Stream.concat(Stream.of("run", "--image", reference, "--"), Stream.of(command))
                .toArray(String[]::new);
        return home.aegis(words).ok().stdout();
    }

    private static String digest(byte[] bytes) throws Exception {
        return "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static String entry(String manifest, String architecture) throws Exception {
        byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
        return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"" + digest(bytes)
                + "\",\"size\":" + bytes.length + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture
                + "\"}}";
    }

    /** Copies an image there with its layers compressed by zstd: they have to be without compression before. */
    private void pushByZstd(LocalRegistry registry, OciImage image, String name) throws IOException {
        String plain = "dir:" + directory.resolve("plain");
        Tool.run("skopeo", "copy", "--quiet", "--dest-decompress", image.reference(), plain);
        Tool.run(
                "skopeo",
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
                "--dest-compress-format=zstd",
                plain,
                "docker://" + registry.name(name));
    }

    /** The manifest that a name leads to, byte for byte. */
    private static String manifest(LocalRegistry registry, String name) throws IOException {
        return Tool.run("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + registry.name(name));
    }

    /** Pushes an index of manifests; no tool in Debian makes one without building the images. */
    private static void putIndex(String where, String index) throws Exception {
        HttpRequest put = HttpRequest.newBuilder(URI.create("http://" + where))
                .header("Content-Type", "application/vnd.oci.image.index.v1+json")
                .PUT(HttpRequest.BodyPublishers.ofString(index))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(put, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        }
    }

    @Test
    void tagsDigestsIndexesGzipAndZstd() throws Exception {
        OciImage foreign = OciImage.empty(directory.resolve("layout"), "foreign")
                .with(file("other", "of another processor\n"), "/which");
        Tool.run("umoci", "config", "--image", foreign.path(), "--architecture=arm64");
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"))) {
            registry.push(image, "app:1");
            registry.push(foreign, "app:foreign");
            pushByZstd(registry, image.with(file("zstd", "by zstd\n"), "/which"), "app:zstd");
            registry.push(image.with(file("docker", "by Docker\n"), "/which"), "app:docker", "--format=v2s2");
            String manifest = manifest(registry, "app:1");
            assertThat(manifest).contains("tar+gzip");
            assertThat(manifest(registry, "app:zstd")).contains("tar+zstd");
            assertThat(manifest(registry, "app:docker")).contains("vnd.docker.distribution.manifest.v2+json");
            putIndex(
                    registry.host() + "/v2/app/manifests/multi",
                    "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                            + entry(manifest(registry, "app:foreign"), "arm64") + "," + entry(manifest, "amd64")
                            + "]}");

            assertThat(run(registry.name("app:multi"), "cat", "/which")).isEqualTo("this one\n");
            assertThat(run(registry.name("app:zstd"), "cat", "/which")).isEqualTo("by zstd\n");
            assertThat(run(registry.name("app:docker"), "cat", "/which")).isEqualTo("by Docker\n");
            String exact = registry.name("app@" + digest(manifest.getBytes(StandardCharsets.UTF_8)));
            assertThat(run(exact, "cat", "/which")).isEqualTo("this one\n");

            HomeFixture.Result wrong = home.aegis("run", "--image", registry.name("app:foreign"), "--", "true");
            assertThat(wrong.exitCode()).isEqualTo(125);
            assertThat(wrong.stderr()).contains("linux/amd64");
            HomeFixture.Result none = home.aegis("run", "--image", registry.name("app:none"), "--", "true");
            assertThat(none.stderr()).contains("there is no image " + registry.name("app:none"));
        }
    }

    @Test
    void loginsAreThoseOfDockerAndOfItsHelpers() throws Exception {
        Path users = directory.resolve("users");
        Tool.run("htpasswd", "-Bbc", users.toString(), "ann", "p:w");
        Path helper = file("docker-credential-test", """
                #!/bin/sh
                read -r host
                echo "$1 $host" >>"$0.log"
                echo '{"Username":"ann","Secret":"p:w"}'
                """);
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        home.with("PATH", directory + ":" + TestHome.PATH);
        try (LocalRegistry registry = LocalRegistry.withUsers(directory.resolve("registry"), users)) {
            registry.push(image, "private:1", "--dest-creds=ann:p:w");
            String name = registry.name("private:1");
            HomeFixture.Result stranger = home.aegis("run", "--image", name, "--", "true");
            assertThat(stranger.exitCode()).isEqualTo(125);
            assertThat(stranger.stderr()).contains("without credentials", "docker login localhost:" + registry.port());

            // As `docker login` leaves it; YW5uOnA6dw== is ann:p:w.
            file("config.json", "{\"auths\":{\"localhost:" + registry.port() + "\":{\"auth\":\"YW5uOnA6dw==\"}}}");
            assertThat(run(name, "cat", "/which")).isEqualTo("this one\n");
            home.aegis("image", "delete", name).ok();

            file("config.json", "{\"credHelpers\":{\"localhost:" + registry.port() + "\":\"test\"}}");
            assertThat(run(name, "cat", "/which")).isEqualTo("this one\n");
            assertThat(directory.resolve("docker-credential-test.log"))
                    .content()
                    .startsWith("get localhost:" + registry.port());
        }
    }

    @Test
    void pullsAtTheSameTimeAreOneDownload() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"));
                HeldLink link = new HeldLink(registry.port())) {
            registry.push(withNoise(), "app:1");
            String name = "localhost:" + link.port() + "/app:1";
            pulled.add(name);
            HomeFixture.Running first = home.start("image", "pull", name);
            link.awaitHeld();
            HomeFixture.Running second = home.start("run", "--image", name, "--", "cat", "/which");
            List<String> digests = digests(manifest(registry, "app:1"));
            String config = digests.getFirst();
            await().until(() -> registry.reads("app/blobs/" + config) == 2);
            link.release();
            first.await().ok();
            assertThat(second.await().ok().stdout()).isEqualTo("this one\n");
            for (String layer : digests.subList(1, digests.size())) {
                assertThat(registry.reads("app/blobs/" + layer)).as(layer).isEqualTo(1);
            }
        }
    }

    @Test
    void aModelIsToldHowFarAnImageIs() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"))) {
            String name = registry.push(withNoise(), "app:1");
            pulled.add(name);
            McpSession mcp = home.mcp();
            String call = "{\"name\":\"instance_start\",\"arguments\":{\"name\":\"box\",\"image\":\"" + name
                    + "\",\"command\":[\"sleep\",\"60\"]},\"_meta\":{\"progressToken\":\"p7\"}}";
            assertThat(mcp.ask("tools/call", call)
                            .at("/result/structuredContent/state")
                            .asString())
                    .isEqualTo("running");
            assertThat(mcp.said())
                    .anyMatch(line -> line.contains("notifications/progress")
                            && line.contains("\"progressToken\":\"p7\"")
                            && line.contains("fetching " + name + ": downloading, "));
            home.aegis("instance", "delete", "box").ok();
        }
    }

    /** Those of the configuration and of the layers. */
    private static List<String> digests(String manifest) {
        return java.util.regex.Pattern.compile("sha256:[0-9a-f]{64}")
                .matcher(manifest)
                .results()
                .map(java.util.regex.MatchResult::group)
                .toList();
    }

    @Test
    void aDaemonThatIsKilledInMidPullLeavesNothingHalf() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"));
                HeldLink link = new HeldLink(registry.port())) {
            registry.push(withNoise(), "app:1");
            String name = "localhost:" + link.port() + "/app:1";
            pulled.add(name);
            String digest = digest(manifest(registry, "app:1").getBytes(StandardCharsets.UTF_8));
            Path bench = HomeFixture.cache().resolve("images/making").resolve(digest.substring("sha256:".length()));
            HomeFixture.Running pull = home.start("image", "pull", name);
            link.awaitHeld();
            assertThat(bench).isNotEmptyDirectory();
            home.killDaemon();
            assertThat(pull.await().exitCode()).isNotZero();

            assertThat(home.aegis("image", "list").ok().stdout()).doesNotContain(digest.substring(7, 19));
            assertThat(bench).doesNotExist();
            link.release();
            assertThat(run(name, "sh", "-c", "cat /which; stat -c %s /noise")).isEqualTo("this one\n" + NOISE + "\n");
            assertThat(bench).doesNotExist();
        }
    }

    /** Debian, with layers on top that try to leave the image or are otherwise odd. Only root unpacks owners, devices and capabilities. */
    @Test
    @Tag("slow")
    @Tag("only-root")
    void theGuestSeesTheTreeThatUmociUnpacks() throws Exception {
        Path debian = directory.resolve("debian");
        Tool.run("fsck.erofs", "--extract=" + debian, "--xattrs", "--preserve", base());
        script("odd-layers.py", directory.toString());
        OciImage odd = OciImage.empty(directory.resolve("layout"), "debian").with(debian, "/");
        for (String layer : List.of("lower.tar", "upper.tar")) {
            Tool.run(
                    "umoci",
                    "raw",
                    "add-layer",
                    "--image",
                    odd.path(),
                    directory.resolve(layer).toString());
        }
        Path bundle = directory.resolve("bundle");
        Tool.run("umoci", "unpack", "--image", odd.path(), bundle.toString());
        String theirs = script("tree.py", arguments(bundle.resolve("rootfs").toString()));
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"))) {
            registry.push(odd, "debian:1");
            String[] command = Stream.concat(
                            Stream.of("python3", "-BIc", resource("tree.py")), Stream.of(arguments("")))
                    .toArray(String[]::new);
            String ours = run(registry.name("debian:1"), command);
            assertThat(ours.lines())
                    .hasSizeGreaterThan(1000)
                    .containsExactlyElementsOf(theirs.lines().toList());
            assertThat(ours).contains("/odd/kept'", "'/odd/full/newer'").doesNotContain("/odd/full/1'");
        }
    }

    private static String[] arguments(String root) {
        return Stream.concat(Stream.of(root), OURS.stream()).toArray(String[]::new);
    }

    private static String base() throws VmmException {
        return GuestImage.read(HomeFixture.cache().resolve(AegisHome.GUEST_PROPERTIES))
                .root()
                .toString();
    }

    private static String script(String name, String... arguments) throws IOException {
        return Tool.run(Stream.concat(Stream.of("python3", "-BIc", resource(name)), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static String resource(String name) throws IOException {
        try (var in = RegistryImageTest.class.getResourceAsStream("/" + name)) {
            return new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
