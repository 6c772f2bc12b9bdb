package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import com.github.luben.zstd.Zstd;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.fake.*;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Snapshots that leave the daemon and come back, and how many fit. */
@ParameterizedClass
@MethodSource("dev.aegisvm.vmm.fake.Profile#all")
class SnapshotFilesTest {
    private static final String TAKE = "/v1/instances/box/snapshots";

    private final Profile profile;

    @TempDir
    Path directory;

    private DaemonHarness daemon;

    SnapshotFilesTest(Profile profile) {
        this.profile = profile;
    }

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, new FakeVmm(profile));
        daemon.running("box");
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private Http.Answer post(String path, String body) throws IOException {
        return daemon.http.post(path, body);
    }

    private Http.Answer load(Path file, String name) throws IOException {
        return post("/v1/snapshots/import", "{\"path\":\"" + file + "\",\"name\":\"" + name + "\"}");
    }

    private List<Path> snapshots() throws IOException {
        try (Stream<Path> all = Files.list(daemon.home.snapshots())) {
            return all.toList();
        }
    }

    /** Takes a snapshot of a stopped instance, and gives it a disk of the size that disks have, with an overlay. */
    private DiskChain take() throws IOException {
        post("/v1/instances/box/stop", "");
        assertThat(post(TAKE, "{\"name\":\"first\",\"note\":\"n\"}").status()).isEqualTo(200);
        DiskChain disk = DiskChain.in(snapshots().getFirst());
        Files.delete(disk.disk());
        SparseFile.create(disk.disk(), DiskChain.DEVICE_BYTES);
        disk.extend(new FakeLayers(), 8192L << 20);
        return disk;
    }

    private Path export() throws IOException {
        Path file = directory.resolve("first.aegis");
        Http.Answer answer = post("/v1/snapshots/first/export", "{\"path\":\"" + file + "\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return file;
    }

    @Test
    void oneGoesIntoAFileAndComesBack() throws Exception {
        take();
        Path file = export();
        assertThat(post("/v1/snapshots/first/export", "{\"path\":\"" + file + "\"}")
                        .body())
                .contains("already exists");
        String look = "{\"path\":\"" + file + "\",\"name\":\"second\",\"look\":true}";
        assertThat(post("/v1/snapshots/import", look).body())
                .contains("\"name\":\"second\"", "\"notice\":\"its unpacked size is 0 MB\"");
        assertThat(snapshots()).as("a look leaves nothing").hasSize(1);
        Http.Answer taken = load(file, "second");
        assertThat(taken.body())
                .contains("\"name\":\"second\"", "\"instance\":\"box\"", "\"memory\":false", "\"note\":\"n\"");
        assertThat(load(file, "first").status()).isEqualTo(409);
        assertThat(load(file, "Wrong").status()).isEqualTo(400);
        assertThat(snapshots()).hasSize(2);
        daemon.restart();
        assertThat(daemon.http.get("/v1/snapshots/second").status()).isEqualTo(200);
        assertThat(post("/v1/instances/second/fork", "{\"name\":\"again\"}").status())
                .isEqualTo(200);
        daemon.awaitState("again", "running");
    }

    /** A file of the format that has this number, with a disk that begins with "abc". */
    private Path ofFormat(int number) throws Exception {
        String head = resource("/snapshot/" + number + ".json").replaceAll("\\n *", "");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF("aegis snapshot");
        out.writeInt(head.length());
        out.writeBytes(head + "abc");
        out.write(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        return Files.write(directory.resolve("old.aegis"), Zstd.compress(bytes.toByteArray()));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(SnapshotFilesTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** Users have such files, so what is in the resource stays as it is: another format has another number. */
    @Test
    void aFileOfTheSecondFormatIsShownAndForked() throws Exception {
        Http.Answer taken = load(ofFormat(2), "old");
        assertThat(taken.status()).as(taken.body()).isEqualTo(200);
        daemon.restart();
        assertThat(daemon.http.get("/v1/snapshots/old").body())
                .contains("\"instance\":\"old-box\"", "\"memory\":false", "\"note\":\"n\"", "2023-11-14T22:13:20.002Z");
        assertThat(post("/v1/instances/old/fork", "{\"name\":\"again\"}").status())
                .isEqualTo(200);
        daemon.awaitState("again", "running");
        assertThat(daemon.http.get("/v1/instances/again").body())
                .contains("\"command\":[\"sleep\",\"9\"]", "\"memory_mb\":512", "\"vcpus\":2", "\"disk_mb\":1024");
        try (InputStream disk = Files.newInputStream(daemon.vmm.last().spec().disk())) {
            assertThat(disk.readNBytes(4)).containsExactly('a', 'b', 'c', 0);
        }
    }

    @Test
    void aDiskThatLeadsElsewhereIsRefused() throws Exception {
        DiskChain disk = take();
        Files.writeString(disk.top(), "its data are in another file");
        assertThat(load(export(), "second").body()).contains("bad_request", "not a valid disk overlay");
        assertThat(load(directory.resolve("none"), "second").status()).isEqualTo(400);
        assertThat(load(daemon.home.registry(), "second").body()).contains("bad_request");
        assertThat(snapshots()).hasSize(1);
    }

    @Test
    void oneWithSecretsStaysHere() throws Exception {
        daemon.http.send("PUT", "/v1/secrets/KEY", "{\"value\":\"v\"}");
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"other\",\"secrets\":[\"KEY\"]}");
        daemon.awaitState("other", "running");
        assertThat(post("/v1/instances/other/snapshots", "{\"name\":\"first\",\"with_secrets\":true}")
                        .status())
                .isEqualTo(200);
        Path file = directory.resolve("first.aegis");
        assertThat(post("/v1/snapshots/first/export", "{\"path\":\"" + file + "\"}")
                        .body())
                .contains("secret_in_memory", "--disk-only");
        assertThat(file).doesNotExist();
    }

    @Test
    void moreThanMayBeIsRefusedAndLeavesNothing() throws Exception {
        Files.writeString(daemon.home.config(), "snapshots_max_mb = 3\n");
        daemon.restart();
        post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
        DiskChain disk = take();
        Path file = export();
        Files.write(disk.disk().resolveSibling("machine"), new byte[4 << 20]);
        assertThat(post(TAKE, "{\"name\":\"second\"}").body())
                .contains("snapshots_full", "snapshots_max_mb is 3", "aegis snapshot prune");
        assertThat(load(file, "third").body()).contains("snapshots_full");
        assertThat(snapshots()).hasSize(1);
        assertThat(daemon.http.send("DELETE", "/v1/snapshots/first", "").status())
                .isEqualTo(200);
        assertThat(load(file, "third").status()).isEqualTo(200);
    }
}
