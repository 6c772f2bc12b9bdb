package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import com.github.luben.zstd.Zstd;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.aegisvm.image.ImageException.Reason;
import dev.aegisvm.image.source.Documents;
import dev.aegisvm.image.source.RegistryAccess;
import dev.aegisvm.testkit.LocalRegistry;
import dev.aegisvm.testkit.OciImage;
import dev.aegisvm.testkit.Tool;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls from Debian's docker-registry, filled by skopeo. */
class RegistryTest {
    private static final String PASSWORD = "for a test";

    @TempDir
    Path directory;

    private HandmadeLayout layout;
    private OciImage app;
    private String digest;

    @BeforeEach
    void image() throws Exception {
        layout = new HandmadeLayout(directory.resolve("layout"));
        app = new OciImage(layout.directory(), "t");
        byte[] noise = new byte[3 * 1024 * 1024];
        new Random(7).nextBytes(noise);
        digest = layout.image(
                "t",
                "{\"Cmd\":[\"/bin/busybox\"]}",
                new TarOf()
                        .directory("bin", 0755)
                        .file("bin/noise", 0755, noise)
                        .bytes(),
                new TarOf().file("bin/.wh.absent", "").file("etc/motd", "hello").bytes());
    }

    private ImageCache images() throws ImageException {
        return images(new RegistryAccess(directory.resolve("config.json"), Optional.empty()));
    }

    private ImageCache images(RegistryAccess registries) throws ImageException {
        return new ImageCache(
                directory.resolve("cache"), registries, ImageLimits.DEFAULT, TestMaker.with(), TestMaker.NO_OWN);
    }

    /** Such as a company's registry, whose authority this host may not know. */
    @Test
    void theAuthorityOfAnUnknownOneCanBeGiven() throws Exception {
        Path store = directory.resolve("store");
        Path authority = directory.resolve("authority.pem");
        keytool(store, "-genkeypair", "-keyalg", "EC", "-dname", "CN=registry", "-ext", "SAN=ip:0.0.0.0");
        keytool(store, "-exportcert", "-rfc", "-file", authority.toString());
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        KeyManagerFactory identity = KeyManagerFactory.getInstance("PKIX");
        identity.init(keys, PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(identity.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        // The loopback by a name for which a registry speaks TLS.
        ImageReference there = reference("0.0.0.0:" + server.getAddress().getPort() + "/app:1");
        Path logins = directory.resolve("config.json");
        try (ImageCache none = images(new RegistryAccess(logins, Optional.empty()));
                ImageCache given = images(new RegistryAccess(logins, Optional.of(authority)))) {
            assertThatThrownBy(() -> none.get(there, PullListener.NONE))
                    .asInstanceOf(InstanceOfAssertFactories.throwable(ImageException.class))
                    .hasMessageContaining("signed by an authority that this host does not trust")
                    .matches(refusal -> refusal.hint().contains("SSL_CERT_FILE"));
            assertThatThrownBy(() -> given.get(there, PullListener.NONE)).hasMessageContaining("there is no image");
        } finally {
            server.stop(0);
        }
    }

    private static void keytool(Path store, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("-alias", "registry", "-keystore", store.toString(), "-storepass", PASSWORD));
        Tool.run(command.toArray(String[]::new));
    }

    private ImageReference reference(String text) throws ImageException {
        return ImageReference.parse(text);
    }

    private void refused(String reference, Reason reason, String why) throws Exception {
        try (ImageCache images = images()) {
            assertThatThrownBy(() -> images.get(reference(reference), PullListener.NONE))
                    .asInstanceOf(InstanceOfAssertFactories.throwable(ImageException.class))
                    .hasMessageContaining(why)
                    .extracting(ImageException::reason)
                    .isEqualTo(reason);
            try (Stream<Path> left = Files.list(directory.resolve("cache/making"))) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void byTagByDigestAndNotAtAll() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"))) {
            registry.push(app, "some/app:1");
            String name = registry.name("some/app");
            List<Long> done = new ArrayList<>();
            try (ImageCache images = images()) {
                Image image = images.get(reference(name + ":1"), (phase, bytes, total) -> {
                    synchronized (done) {
                        done.add(bytes);
                    }
                    assertThat(total == 0 || bytes <= total).isTrue();
                });
                assertThat(image.digest()).isEqualTo(digest);
                assertThat(image.names()).containsExactly(name + ":1");
                assertThat(image.config().cmd()).containsExactly("/bin/busybox");
                assertThat(done.getLast()).isGreaterThan(3_000_000L);
                assertThat(images.get(reference(name + "@" + digest), PullListener.NONE)
                                .root())
                        .isEqualTo(image.root());
            }
            refused(name + ":2", Reason.NOT_FOUND, "there is no image " + name + ":2");
            refused(name + "@sha256:" + "0".repeat(64), Reason.NOT_FOUND, "there is no image");
        }
        // What is here needs no registry.
        try (ImageCache images = images()) {
            assertThat(images.list()).hasSize(1);
            String name = images.list().getFirst().names().getFirst();
            assertThat(images.get(reference(name), PullListener.NONE).digest()).isEqualTo(digest);
            assertThat(images.prune(Set.of(digest))).isEmpty();
            assertThatThrownBy(() -> images.delete(digest, Map.of(digest, Set.of("inst-2", "inst-1"))))
                    .hasMessageContaining(": inst-1 inst-2");
            assertThat(images.delete(name, Map.of()).digest()).isEqualTo(digest);
            assertThat(images.list()).isEmpty();
        }
    }

    @Test
    void layersOfZstdAndIndexesOfPlatforms() throws Exception {
        byte[] tar = new TarOf().file("a", "compressed by zstd").bytes();
        layout.image("z", "{}", List.of(tar), List.of(Zstd.compress(tar)));
        Path root = layout.directory();
        String manifest = Files.readString(root.resolve("index.json"));
        String ours = manifest.substring(manifest.lastIndexOf("sha256:"), manifest.lastIndexOf("sha256:") + 71);
        long size = Files.size(root.resolve("blobs/sha256").resolve(ours.substring(7)));
        String index = "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                + entry("sha256:" + "1".repeat(64), 7, "other") + ","
                + entry(ours, size, "" + Documents.Platform.ofHost().architecture()) + "]}";
        Path cutDown = directory.resolve("multi");
        HandmadeLayout multi = new HandmadeLayout(cutDown);
        try (Stream<Path> blobs = Files.list(root.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                Files.copy(blob, multi.directory().resolve("blobs/sha256").resolve(blob.getFileName()));
            }
        }
        Files.writeString(cutDown.resolve("index.json"), index);
        try (ImageCache images = images()) {
            Image image = images.get(reference("oci:" + directory.resolve("multi")), PullListener.NONE);
            assertThat(image.digest()).isEqualTo(ours);
        }
    }

    private static String entry(String manifest, long size, String architecture) {
        return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"" + manifest + "\",\"size\":"
                + size + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}}";
    }

    @Test
    void basicAuthenticationFromTheFile() throws Exception {
        Path users = directory.resolve("users");
        Tool.run("htpasswd", "-Bbc", users.toString(), "ann", "p:w");
        try (LocalRegistry registry = LocalRegistry.withUsers(directory.resolve("registry"), users)) {
            pullsForAnnAlone(registry, "private:1");
        }
    }

    @Test
    void bearerTokensOfATokenServer() throws Exception {
        try (TokenServer tokens = new TokenServer(directory, "ann:p:w");
                LocalRegistry registry = LocalRegistry.open(
                        directory.resolve("registry"),
                        "auth:\n  token:\n    service: test\n    issuer: test\n    realm: " + tokens.realm()
                                + "\n    rootcertbundle: " + tokens.certificate(directory.resolve("certificate"))
                                + "\n")) {
            pullsForAnnAlone(registry, "some/private:1");
            assertThat(tokens.scopes().getLast()).isEqualTo("repository:some/private:pull");
        }
    }

    private void pullsForAnnAlone(LocalRegistry registry, String rest) throws Exception {
        String name = registry.push(app, rest, "--dest-creds", "ann:p:w");
        refused(name, Reason.UNAUTHORIZED, "without credentials");
        login(registry, "ann:wrong");
        refused(name, Reason.UNAUTHORIZED, "with the stored credentials");
        login(registry, "ann:p:w");
        try (ImageCache images = images()) {
            assertThat(images.get(reference(name), PullListener.NONE).digest()).isEqualTo(digest);
        }
    }

    private void login(LocalRegistry registry, String userAndPassword) throws Exception {
        String auth = Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                directory.resolve("config.json"),
                "{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"" + auth + "\"}}}");
    }

    @Test
    void manyPullsAreOneDownload() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"));
                FlakyProxy proxy = new FlakyProxy(registry.port());
                ImageCache images = images();
                ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            registry.push(app, "app:1");
            List<Future<Image>> pulls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                pulls.add(many.submit(() -> images.pull(reference(proxy.host() + "/app:1"), PullListener.NONE)));
            }
            for (Future<Image> pull : pulls) {
                assertThat(pull.get().digest()).isEqualTo(digest);
            }
            // Two layers; configurations are small documents, read by everyone.
            assertThat(proxy.layerRequests()).hasSize(2);
        }
    }

    private static PullListener until(CompletableFuture<Void> left) {
        return new PullListener() {
            @Override
            public void progress(Phase phase, long done, long total) {
                assertThat(done).isNotNegative();
            }

            @Override
            public CompletableFuture<Void> left() {
                return left;
            }
        };
    }

    @Test
    void aPullEndsWhenNobodyWaitsForItAnyMore() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"));
                FlakyProxy proxy = new FlakyProxy(registry.port());
                ImageCache images = images();
                ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            registry.push(app, "app:1");
            ImageReference there = reference(proxy.host() + "/app:1");
            proxy.hold();
            CompletableFuture<Void> left = new CompletableFuture<>();
            Future<Image> alone = many.submit(() -> images.pull(there, until(left)));
            await().until(() -> proxy.layerRequests().size() == 2);
            left.complete(null);
            assertThatThrownBy(() -> alone.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(ImageException.class);
            assertThat(directory.resolve("cache/making")).isEmptyDirectory();
            assertThat(images.list()).isEmpty();

            CompletableFuture<Void> leaves = new CompletableFuture<>();
            var _ = many.submit(() -> images.pull(there, until(leaves)));
            await().until(() -> proxy.layerRequests().size() == 4);
            Future<Image> other = many.submit(() -> images.pull(there, PullListener.NONE));
            leaves.complete(null);
            proxy.release();
            assertThat(other.get().digest()).isEqualTo(digest);
        }
    }

    @Test
    void aDownloadThatBreaksOffGoesOnWhereItWas() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"));
                FlakyProxy proxy = new FlakyProxy(registry.port());
                ImageCache images = images()) {
            registry.push(app, "app:1");
            proxy.cutAfter(1_000_000);
            Image image = images.pull(reference(proxy.host() + "/app:1"), PullListener.NONE);
            assertThat(image.digest()).isEqualTo(digest);
            assertThat(proxy.ranges()).isNotEmpty().allMatch(range -> !range.equals("bytes=0-"));
        }
    }

    @Test
    void aRegistryThatAlwaysBreaksOffLeavesNothing() throws Exception {
        try (LocalRegistry registry = LocalRegistry.open(directory.resolve("registry"));
                FlakyProxy proxy = new FlakyProxy(registry.port())) {
            registry.push(app, "app:1");
            proxy.cutAfter(0);
            refused(proxy.host() + "/app:1", Reason.UNREACHABLE, "cannot reach the registry");
        }
    }

    @Test
    void aRegistryThatIsNotThere() throws Exception {
        refused("127.0.0.1:1/app:1", Reason.UNREACHABLE, "127.0.0.1:1: the connection was refused");
        refused("no.such.host.invalid/app:1", Reason.UNREACHABLE, ": the host name does not exist");
    }

    @Test
    void layersOfAnArchiveAreReadAtTheSameTime() throws Exception {
        List<byte[]> tars = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            byte[] noise = new byte[4 * 1024 * 1024];
            new Random(i).nextBytes(noise);
            tars.add(new TarOf().file("noise-" + i, 0644, noise).bytes());
        }
        layout.image("large", "{}", tars.toArray(byte[][]::new));
        Path archive = directory.resolve("large.tar");
        Tool.run("skopeo", "copy", "--quiet", "oci:" + layout.directory() + ":large", "docker-archive:" + archive);
        try (ImageCache images = images()) {
            assertThat(images.load(archive, PullListener.NONE)).hasSize(1);
        }
    }

    @Test
    void archivesOfDockerSaveAndOfLayouts() throws Exception {
        Path docker = directory.resolve("docker.tar");
        Path oci = directory.resolve("oci.tar");
        Tool.run("skopeo", "copy", "--quiet", app.reference(), "docker-archive:" + docker + ":a/b:1");
        Tool.run("skopeo", "copy", "--quiet", app.reference(), "oci-archive:" + oci + ":named");
        Tool.run("gzip", "-k", docker.toString());
        try (ImageCache images = images()) {
            List<Image> fromDocker = images.load(docker, PullListener.NONE);
            assertThat(fromDocker).hasSize(1);
            assertThat(fromDocker.getFirst().names()).containsExactly("docker.io/a/b:1");
            assertThat(images.load(directory.resolve("docker.tar.gz"), PullListener.NONE))
                    .isEqualTo(fromDocker);
            List<Image> fromLayout = images.load(oci, PullListener.NONE);
            assertThat(fromLayout.getFirst().digest()).isEqualTo(digest);
            assertThat(images.list()).hasSize(2);
            assertThatThrownBy(() -> images.load(directory.resolve("layout/index.json"), PullListener.NONE))
                    .isInstanceOf(ImageException.class);
        }
    }
}
