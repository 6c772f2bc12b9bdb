package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.VmSpec.Share;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the daemon makes of volumes, from the request to what the VM and its guest are given. */
class VolumeTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Path outside;

    @BeforeEach
    void open() throws Exception {
        outside = Files.createDirectory(daemon.directory.toRealPath().resolve("outside"));
    }

    private static String body(String fields, String... volumes) {
        return "{\"command\":[\"sleep\"],\"handle\":\"box\"" + fields + ",\"volumes\":[\""
                + String.join("\",\"", volumes) + "\"]}";
    }

    private Http.Answer post(String fields, String... volumes) throws IOException {
        return daemon.http.post("/v1/instances", body(fields, volumes));
    }

    @Test
    void theyAreMountedWithTheWorkspaceFromTheTopDownAtEachStart() throws Exception {
        daemon.create(body(",\"workspace\":\"notes\"", outside + ":/workspace/in/it:ro", outside + ":/a/../data:rw"));
        daemon.awaitState("box", "running");
        List<Share> shares = List.of(
                new Share(outside, false),
                new Share(daemon.home.workspaces().resolve("notes").toRealPath(), false),
                new Share(outside, true));
        assertThat(daemon.vmm.last().spec().shares()).isEqualTo(shares);
        assertThat(daemon.vmm.last().guest().calls("share")).isEqualTo(1);
        daemon.http.post("/v1/instances/box/stop", "");
        daemon.restart();
        daemon.http.post("/v1/instances", "{\"command\":[],\"handle\":\"box\"}");
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.last().spec().shares()).isEqualTo(shares);
        assertThat(daemon.http.get("/v1/instances/box").body())
                .contains("\"volumes\":[\"" + outside + ":/workspace/in/it:ro\",\"" + outside + ":/data\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "notes",
                "notes:data",
                "relative/path:/data",
                "notes:/",
                "notes:/a/..",
                "notes:/proc/sys",
                "notes:/dev",
                "/absent-on-this-host:/data",
                "/proc:/data",
                "notes:/data\",\"other:/data",
                "notes:/a:b",
            })
    void whatIsNoVolumeIsRefusedWithAHint(String volume) throws Exception {
        Http.Answer answer = post("", volume);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("\"hint\":\"");
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void theWorkspacesPlaceIsItsOwn() throws Exception {
        Http.Answer answer = post(",\"workspace\":\"notes\"", "other:/workspace/");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("two directories have the path /workspace");
    }

    @Test
    void thereIsALimit() throws Exception {
        String[] many = IntStream.range(0, 17).mapToObj(i -> "v:/d" + i).toArray(String[]::new);
        assertThat(post("", many).body()).contains("at most 16 volumes");
        daemon.create(body(",\"workspace\":\"w\"", Arrays.copyOf(many, 16)));
        daemon.awaitState("box", "running");
    }
}
