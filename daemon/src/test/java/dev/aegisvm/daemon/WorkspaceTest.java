package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.VmSpec.Share;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the daemon makes of a workspace, from the request to what the VM is given. */
class WorkspaceTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Path outside;

    @BeforeEach
    void open() throws Exception {
        outside = Files.createDirectory(daemon.directory.toRealPath().resolve("outside"));
    }

    private static String body(String workspace) {
        return "{\"command\":[\"sleep\"],\"handle\":\"box\",\"workspace\":\"" + workspace + "\"}";
    }

    private Http.Answer post(String workspace) throws IOException {
        return daemon.http.post("/v1/instances", body(workspace));
    }

    private Share share(String workspace) throws IOException {
        daemon.create(body(workspace));
        daemon.awaitState("box", "running");
        return daemon.vmm.last().spec().shares().getFirst();
    }

    private int calls(String method) {
        return daemon.vmm.last().guest().calls(method);
    }

    @Test
    void aNameIsADirectoryThatIsMadeAndOutlivesEverything() throws Exception {
        Path notes = daemon.home.workspaces().resolve("notes");
        assertThat(share("notes")).isEqualTo(new Share(notes.toRealPath(), false));
        assertThat(calls("share")).isEqualTo(1);
        Files.writeString(notes.resolve("f"), "kept");

        daemon.http.post("/v1/instances/box/stop", "");
        daemon.restart();
        daemon.http.post("/v1/instances/box/disable", "");
        daemon.http.post("/v1/instances", "{\"command\":[],\"handle\":\"box\"}");
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().shares()).containsExactly(new Share(notes.toRealPath(), false));
        assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"workspace\":\"notes\"");
        daemon.http.send("DELETE", "/v1/instances/box", "");
        daemon.http.post("/v1/instances/prune", "{}");
        daemon.restart();

        assertThat(notes.resolve("f")).hasContent("kept");
    }

    @Test
    void aPathIsTheDirectoryThatItLeadsTo() throws Exception {
        Files.createSymbolicLink(daemon.directory.resolve("link"), outside);
        assertThat(share(daemon.directory + "/link/../link/:ro")).isEqualTo(new Share(outside, true));
        assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"workspace\":\"" + outside + ":ro\"");
    }

    @Test
    void aPathThatEndsAsTheSuffixDoesHasASlashBehindIt() throws Exception {
        Path odd = Files.createDirectory(outside.resolve("x:ro"));
        assertThat(share(odd + "/")).isEqualTo(new Share(odd, false));
        assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"workspace\":\"" + odd + "/\"");
    }

    @Test
    void ourOwnFilesAreNoWorkspace() throws Exception {
        Path home = daemon.home.root();
        Files.createSymbolicLink(outside.resolve("trick"), daemon.home.instances());
        for (String own : new String[] {
            home.toString(),
            home + "/data",
            home + "/data/instances",
            daemon.directory.toString(),
            outside + "/trick",
            daemon.home.runDirectory().toString()
        }) {
            Http.Answer answer = post(own);
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("own", "\"hint\":\"");
        }
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void aDirectoryThatIsGoneOrBecameALinkKeepsTheInstanceStopped() throws Exception {
        Path place = Files.createDirectory(outside.resolve("place"));
        share(place.toString());
        daemon.http.post("/v1/instances/box/stop", "");
        Files.delete(place);
        startAgain("is missing: restore it");
        Files.createSymbolicLink(place, daemon.home.data());
        startAgain("was replaced by another directory");
        Files.delete(place);
        Files.createDirectory(place);
        daemon.http.post("/v1/instances", "{\"command\":[],\"handle\":\"box\"}");
        daemon.awaitState("box", "running");
    }

    private void startAgain(String reason) throws IOException {
        int before = daemon.vmm.all().size();
        daemon.http.post("/v1/instances", "{\"command\":[],\"handle\":\"box\"}");
        daemon.awaitState("box", "stopped");
        assertThat(daemon.http.get("/v1/instances/box").body()).contains(reason);
        assertThat(daemon.vmm.all()).hasSize(before);
    }

    @Test
    void anotherWorkspaceForAStoredInstanceTakesItsPlace() throws Exception {
        share("notes");
        daemon.http.post("/v1/instances/box/stop", "");
        assertThat(post("notes:ro").body()).contains("\"workspace\":\"notes:ro\"");
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().shares())
                .singleElement()
                .extracting(Share::readOnly)
                .isEqualTo(true);
        daemon.http.post("/v1/instances/box/stop", "");
        Http.Answer twice =
                daemon.http.post("/v1/instances", "{\"handle\":\"box\",\"volumes\":[\"other:/workspace\"]}");
        assertThat(twice.status()).isEqualTo(400);
        assertThat(twice.body()).contains("a volume and the workspace cannot both be at /workspace");
        String beside = "{\"handle\":\"box\",\"volumes\":[\"other:/data\"]}";
        assertThat(daemon.http.post("/v1/instances", beside).body())
                .contains("\"workspace\":\"notes:ro\",\"volumes\":[\"other:/data\"]");
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().shares()).hasSize(2);
    }

    @Test
    void deletingSyncsItFirstUnlessItIsPaused() throws Exception {
        share("notes");
        var running = daemon.vmm.last().guest();
        daemon.http.send("DELETE", "/v1/instances/box", "");
        assertThat(running.calls("sync")).isEqualTo(1);

        share("notes");
        daemon.http.post("/v1/instances/box/pause", "");
        var paused = daemon.vmm.last().guest();
        assertThat(paused.calls("sync")).isEqualTo(1);
        daemon.http.send("DELETE", "/v1/instances/box", "");
        assertThat(paused.calls("sync")).isEqualTo(1);

        daemon.running("box");
        var without = daemon.vmm.last().guest();
        daemon.http.send("DELETE", "/v1/instances/box", "");
        assertThat(without.calls("sync")).as("what is deleted with the VM").isZero();
        assertThat(without.calls("share")).isZero();
    }
}
