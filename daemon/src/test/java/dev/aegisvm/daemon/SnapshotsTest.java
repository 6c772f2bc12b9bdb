package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.fake.FakeVmm;
import dev.aegisvm.vmm.fake.Profile;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Snapshots and forks, from the request to what is on the disk. */
@ParameterizedClass
@MethodSource("dev.aegisvm.vmm.fake.Profile#all")
class SnapshotsTest {
    private static final String TAKE = "/v1/instances/box/snapshots";

    @TempDir
    Path directory;

    private final Profile profile;
    private final FakeVmm vmm;
    private DaemonHarness daemon;

    SnapshotsTest(Profile profile) {
        this.profile = profile;
        this.vmm = new FakeVmm(profile);
    }

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, vmm);
        daemon.running("box");
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private Http.Answer post(String path, String body) throws IOException {
        return daemon.http.post(path, body);
    }

    private List<String> directories() throws IOException {
        try (Stream<Path> all = Files.list(daemon.home.snapshots())) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    @Test
    void oneIsTakenListedAndDeleted() throws Exception {
        assertThat(post(TAKE, "{\"name\":\"first\",\"note\":\"n\"}").body())
                .contains("\"name\":\"first\"", "\"instance\":\"box\"", "\"memory\":true", "\"note\":\"n\"");
        assertThat(post(TAKE, "").body()).contains("\"name\":\"box-2");
        daemon.http.post("/v1/instances/box/stop", "");
        assertThat(post(TAKE, "{\"name\":\"stopped\"}").body()).contains("\"memory\":false");
        assertThat(directories()).hasSize(3).allMatch(name -> name.startsWith("snap-"));
        assertThat(daemon.http.get("/v1/snapshots/first").status()).isEqualTo(200);
        assertThat(daemon.http.send("DELETE", "/v1/snapshots/first", "").status())
                .isEqualTo(200);
        assertThat(daemon.http.get("/v1/snapshots/first").status()).isEqualTo(404);
        assertThat(post("/v1/snapshots/prune?keep_last=1", "").body()).contains("\"pruned\":1", "box-2");
        assertThat(directories()).hasSize(1);
    }

    @Test
    void namesAreThoseOfInstancesToo() throws Exception {
        assertThat(post(TAKE, "{\"name\":\"box\"}").body()).contains("handle_in_use");
        post(TAKE, "{\"name\":\"first\"}");
        assertThat(post(TAKE, "{\"name\":\"first\"}").status()).isEqualTo(409);
        assertThat(post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"first\"}")
                        .body())
                .contains("named 'first' already exists");
        assertThat(post("/v1/instances/box/rename", "{\"handle\":\"first\"}").status())
                .isEqualTo(409);
        assertThat(post(TAKE, "{\"name\":\"Big\"}").status()).isEqualTo(400);
        assertThat(directories()).hasSize(1);
    }

    @Test
    void theyOutliveTheirInstanceAndTheDaemonAndWhatIsHalfMadeDoesNot() throws Exception {
        post(TAKE, "{\"name\":\"first\"}");
        daemon.http.post("/v1/instances/box/stop", "");
        post(TAKE, "{\"name\":\"second\"}");
        daemon.http.send("DELETE", "/v1/instances/box", "");
        try (Stream<Path> files = Files.walk(daemon.home.snapshots())) {
            assertThat(files.filter(file -> file.endsWith("disk.raw")))
                    .hasSize(2)
                    .allSatisfy(disk -> assertThat(disk).content().startsWith("disk of "));
        }
        Files.createDirectory(daemon.home.snapshots().resolve("unfinished-1"));
        Files.createDirectory(daemon.home.snapshots().resolve("snap-000000000000"));
        daemon.restart();
        assertThat(directories()).hasSize(2);
        assertThat(daemon.http.get("/v1/snapshots").body()).contains("\"name\":\"first\"");
        assertThat(post("/v1/instances/first/fork", "{\"name\":\"again\"}").body())
                .contains("again");
        daemon.awaitState("again", "running");
    }

    @Test
    void aNameThatIsTakenByNowKeepsNoDaemonFromStarting() throws Exception {
        post(TAKE, "{\"name\":\"first\"}");
        String id = directories().getFirst();
        try (Connection registry = DriverManager.getConnection("jdbc:sqlite:" + daemon.home.registry());
                Statement change = registry.createStatement()) {
            assertThat(change.executeUpdate("UPDATE snapshot SET document = json_set(document, '$.name', 'box')"))
                    .isEqualTo(1);
        }
        daemon.restart();
        assertThat(daemon.http.get("/v1/snapshots").body()).contains("\"name\":\"" + id + "\"");
        assertThat(daemon.http.send("DELETE", "/v1/snapshots/" + id, "").status())
                .isEqualTo(200);
        daemon.restart();
        assertThat(daemon.http.get("/v1/snapshots").body()).isEqualTo("[]");
    }

    @Test
    void aLostRegistryIsNoReasonToRemoveThem() throws Exception {
        post(TAKE, "{\"name\":\"first\"}");
        daemon.http.send("DELETE", "/v1/instances/box", "");
        Files.delete(daemon.home.registry());
        assertThatThrownBy(daemon::restart)
                .hasMessageContaining("it is missing")
                .hasMessageContaining("snapshots");
        try (Stream<Path> kept = Files.walk(daemon.home.damaged(), 3)) {
            assertThat(kept).anyMatch(each -> each.getFileName().toString().startsWith("snap-"));
        }
    }

    @Test
    void anInstanceGoesBackAndItsPresentStateIsKept() throws Exception {
        post(TAKE, "{\"name\":\"first\"}");
        Http.Answer back = post("/v1/instances/box/rewind", "{\"snapshot\":\"first\"}");
        assertThat(back.body()).contains("\"status\":\"running\"", "\"kept\":\"box-2");
        assertThat(vmm.last().spec().snapshot()).isPresent();
        assertThat(directories()).hasSize(2);
        daemon.http.post("/v1/instances/box/stop", "");
        assertThat(post("/v1/instances/box/rewind", "{\"snapshot\":\"first\",\"discard\":true,\"disk_only\":true}")
                        .status())
                .isEqualTo(200);
        assertThat(vmm.last().spec().snapshot()).isEmpty();
        assertThat(directories()).hasSize(2);
        daemon.running("other");
        assertThat(post("/v1/instances/other/rewind", "{\"snapshot\":\"first\"}")
                        .body())
                .contains("is not a snapshot of 'other'");
        assertThat(post("/v1/instances/box/rewind", "{\"snapshot\":\"none\"}").status())
                .isEqualTo(404);
    }

    private String parent(String snapshot) throws IOException {
        String view = daemon.http.get("/v1/snapshots/" + snapshot).body();
        Matcher parent = Pattern.compile("\"parent\":\"([^\"]*)\"").matcher(view);
        return parent.find() ? parent.group(1) : "";
    }

    @Test
    void theParentIsWhatAnInstanceWentOnFrom() throws Exception {
        post(TAKE, "{\"name\":\"first\"}");
        post(TAKE, "{\"name\":\"second\"}");
        post("/v1/instances/box/rewind", "{\"snapshot\":\"first\"}");
        post(TAKE, "{\"name\":\"third\"}");
        post("/v1/instances/box/rewind", "{\"snapshot\":\"second\",\"discard\":true}");
        daemon.restart();
        post(TAKE, "{\"name\":\"fourth\",\"disk_only\":true}");
        assertThat(List.of(parent("first"), parent("second"), parent("third"), parent("fourth")))
                .containsExactly("", "first", "first", "second");
        post("/v1/instances/box/fork", "{\"count\":1,\"name\":\"other\"}");
        post("/v1/instances/other-1/snapshots", "{\"name\":\"fifth\",\"disk_only\":true}");
        assertThat(parent("fifth")).isEmpty();
    }

    /** Asks for something, leaves when it has begun, and lets go of it when the daemon knows. */
    private void leaveWhile(FakeVmm.Moment held, String path, String body, Callable<Boolean> begun) throws Exception {
        vmm.holdBack(held, new CompletableFuture<>());
        try (SocketChannel client = daemon.http.begin("POST", path, body.getBytes(StandardCharsets.UTF_8), "")) {
            await().until(begun);
            client.shutdownOutput();
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        vmm.release();
    }

    @Test
    void aSnapshotWhoseClientLeavesIsNotKept() throws Exception {
        daemon.http.post("/v1/instances/box/pause", "");
        leaveWhile(
                FakeVmm.Moment.RESUME,
                TAKE,
                "{\"name\":\"first\"}",
                () -> !directories().isEmpty());
        await().until(() -> directories().isEmpty());
        assertThat(post(TAKE, "{\"name\":\"first\"}").status()).isEqualTo(200);
        assertThat(daemon.http.get("/v1/snapshots").body()).contains("\"name\":\"first\"");
    }

    @Test
    void forksWhoseClientLeavesAreDeleted() throws Exception {
        leaveWhile(
                FakeVmm.Moment.START,
                "/v1/instances/box/fork",
                "{\"count\":2,\"name\":\"try\"}",
                () -> daemon.http.get("/v1/instances").body().contains("try-2"));
        await().until(() -> !daemon.http.get("/v1/instances").body().contains("try-"));
        assertThat(directories()).isEmpty();
        assertThat(daemon.http.get("/v1/instances/box").status()).isEqualTo(200);
    }

    @Test
    void forksAreInstancesOfTheirOwn() throws Exception {
        Http.Answer made = post("/v1/instances/box/fork", "{\"count\":2,\"name\":\"try\"}");
        assertThat(made.body()).contains("\"handle\":\"try-1\"", "\"handle\":\"try-2\"");
        assertThat(vmm.last().spec().snapshot()).isPresent();
        assertThat(vmm.last().guest().calls("adopt")).isEqualTo(1);
        assertThat(vmm.last().guest().calls("run")).isZero();
        assertThat(vmm.last().guest().calls("identify")).isEqualTo(1);
        assertThat(directories()).as("nothing of it stays").isEmpty();
        daemon.http.post("/v1/instances/try-1/stop", "");
        daemon.http.post("/v1/instances/try-1/start", "");
        daemon.awaitState("try-1", "running");
        assertThat(vmm.last().spec().snapshot()).as("a start boots").isEmpty();
        assertThat(post("/v1/instances/box/fork", "{\"count\":2,\"name\":\"try\"}")
                        .status())
                .isEqualTo(409);
        assertThat(post("/v1/instances/box/fork", "{\"count\":65}").status()).isEqualTo(400);
        assertThat(post("/v1/instances/nobody/fork", "{}").status()).isEqualTo(404);
    }

    @Test
    void forksHaveTheirOwnDirectoriesOfTheHost() throws Exception {
        String start = "{\"command\":[\"sleep\"],\"handle\":\"shared\",\"workspace\":\"notes\"}";
        if (!profile.has(Capability.SHARE)) {
            assertThat(post("/v1/instances", start).body()).contains("cannot share a host directory");
            return;
        }
        assertThat(post("/v1/instances", start).status()).isEqualTo(201);
        daemon.awaitState("shared", "running");
        String fork = "/v1/instances/shared/fork";
        assertThat(post(fork, "{}").body()).contains("workspace_shared", "--share-workspace");
        assertThat(post(fork, "{\"count\":2,\"name\":\"own\",\"workspace\":\"new\"}")
                        .body())
                .contains("\"workspace\":\"new-1\"", "\"workspace\":\"new-2\"");
        assertThat(post(fork, "{\"share_workspace\":true}").body()).contains("\"workspace\":\"notes\"");
        assertThat(post(fork, "{\"share_workspace\":true,\"workspace\":\"new\"}")
                        .status())
                .isEqualTo(400);
        assertThat(post(fork, "{\"count\":2,\"workspace\":\"" + directory + "\"}")
                        .status())
                .isEqualTo(400);
        assertThat(post("/v1/instances/box/fork", "{\"workspace\":\"new\"}").body())
                .contains("no shared host directory");
    }

    @Test
    void differencesAreOfWhatExistsAndOneImage() throws Exception {
        assertThat(daemon.http.get("/v1/instances/box/diff").body()).contains("\"changes\":[]");
        assertThat(daemon.http.get("/v1/instances/box/diff?from=none").status()).isEqualTo(404);
        post(TAKE, "{\"name\":\"first\"}");
        assertThat(daemon.http.get("/v1/instances/first/diff").body()).contains("\"changes\":[]");
        assertThat(vmm.last().guest().calls("run"))
                .as("the VM that shows its disk")
                .isZero();
        assertThat(daemon.http.get("/v1/instances").body()).doesNotContain("first");
    }

    @Test
    void whatAFailedRewindWasToGoOnFromIsNotUsedLater() throws Exception {
        post(TAKE, "{\"name\":\"first\"}");
        daemon.availableMb = 1;
        Http.Answer failed = post("/v1/instances/box/rewind", "{\"snapshot\":\"first\",\"discard\":true}");
        assertThat(failed.body()).contains("snapshot_failed", "could not resume", "aegis rewind box first --disk-only");
        daemon.availableMb = DaemonHarness.HOST_MB;
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        assertThat(vmm.last().spec().snapshot()).isEmpty();
    }

    @RepeatedTest(5)
    void aBusyServerGoesBackThoughItsClientsWakeIt() throws Exception {
        post(TAKE, "{\"name\":\"then\"}");
        AtomicBoolean done = new AtomicBoolean();
        Thread clients = Thread.ofVirtual().start(() -> {
            while (!done.get()) {
                ask("/v1/instances/box/start");
            }
        });
        Http.Answer back = post("/v1/instances/box/rewind", "{\"snapshot\":\"then\",\"discard\":true}");
        done.set(true);
        clients.join();
        assertThat(back.status()).as(back.body()).isEqualTo(200);
    }

    private void ask(String path) {
        try {
            daemon.http.post(path, "");
        } catch (IOException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    @Test
    void aForkLivesAsLongAsItsParentWasTo() throws Exception {
        String parent = "{\"command\":[\"sleep\"],\"handle\":\"short\",\"ttl\":\"4s\"}";
        daemon.create(parent);
        daemon.awaitState("short", "running");
        post("/v1/instances/short/snapshots", "{\"name\":\"kept\"}");
        await().until(() -> daemon.http.get("/v1/instances/short").status() == 404);
        assertThat(post("/v1/instances/kept/fork", "{\"name\":\"late\"}").body())
                .contains("late");
        await().until(() -> daemon.http.get("/v1/instances/late").status() == 404);
    }
}
