package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.instance.InstanceRecord;
import dev.aegisvm.daemon.registry.Database;
import dev.aegisvm.daemon.registry.InstanceRows;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What somebody has been told is in the registry's files, should the daemon die right after the answer. */
class DurabilityTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private int copies;

    /** The records that a daemon would find if this one were killed now. */
    private List<InstanceRecord> found() throws Exception {
        Path copy = Files.createDirectory(daemon.directory.resolve("copy-" + copies++));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(daemon.home.data(), "aegis.db*")) {
            for (Path file : files) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        try (Database database = Database.open(copy.resolve("aegis.db"), copy)) {
            return new InstanceRows(database).all();
        }
    }

    private InstanceRecord box() throws Exception {
        List<InstanceRecord> all = found();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private void post(String verb) throws IOException {
        assertThat(daemon.http.post("/v1/instances/box/" + verb, "").status()).isEqualTo(200);
    }

    @Test
    void eachAnswerIsKept() throws Exception {
        String id = daemon.create("{\"command\":[\"sleep\"],\"handle\":\"box\",\"env\":{\"A\":\"b\"},\"disk_mb\":64}");
        assertThat(box().id()).isEqualTo(id);
        assertThat(box().spec().environment().env()).containsEntry("A", "b");
        assertThat(box().spec().size().diskMb()).isEqualTo(64);
        daemon.awaitState("box", "running");
        assertThat(box().vm()).isPresent();
        assertThat(box().stopReason()).isEmpty();
        post("stop");
        assertThat(box().stopReason())
                .hasValueSatisfying(reason -> assertThat(reason).contains("stop requested"));
        assertThat(box().vm()).isEmpty();
        post("disable");
        assertThat(box().enabled()).isFalse();
        post("start");
        assertThat(box().enabled()).isTrue();
        assertThat(box().stopReason()).isEmpty();
        daemon.awaitState("box", "running");
        post("disable");
        assertThat(box().enabled()).isFalse();
        assertThat(daemon.http.delete("/v1/instances/box").status()).isEqualTo(200);
        assertThat(found()).isEmpty();
    }

    @Test
    void soIsHowAProcessEnded() throws Exception {
        daemon.create("{\"command\":[\"exit\",\"7\"],\"handle\":\"box\"}");
        daemon.awaitState("box", "stopped");
        assertThat(box().exitCode()).hasValue(7);
        assertThat(box().stoppedAt()).isPresent();
    }
}
