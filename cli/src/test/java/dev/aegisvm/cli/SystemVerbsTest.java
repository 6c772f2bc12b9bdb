package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept on the disk, and the logs, against answers from a script. */
class SystemVerbsTest {
    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    private void script(Function<String, byte[]> script) throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), script);
    }

    private void says(String json) throws IOException {
        script(_ -> ScriptedDaemon.json(json));
    }

    private List<String> requests() {
        return Objects.requireNonNull(daemon).requests();
    }

    @AfterEach
    void close() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void dfIsATable() throws IOException {
        says("[{\"part\":\"templates\",\"count\":2,\"bytes\":402653184,\"reclaimable_bytes\":0},"
                + "{\"part\":\"images\",\"count\":1,\"bytes\":4096,\"reclaimable_bytes\":4096}]");
        assertThat(Call.at(home, "system", "df").out()).isEqualTo("""
                PART       COUNT  SIZE    RECLAIMABLE
                templates  2      402 MB  0 B
                images     1      4.0 kB  4.0 kB
                """);
        assertThat(requests().getFirst()).startsWith("GET /v1/system/df ");
    }

    @Test
    void pruneSaysWhatWasFreed() throws IOException {
        String json = "[{\"part\":\"images\",\"count\":1,\"bytes\":4096},{\"part\":\"logs\",\"count\":0,\"bytes\":0}]";
        says(json);
        assertThat(Call.at(home, "system", "prune", "-f", "--older-than", "7d").out())
                .isEqualTo("""
                images: 1 removed, 4.0 kB freed
                logs: 0 removed, 0 B freed
                in all: 4.0 kB freed
                """);
        assertThat(requests().getFirst()).startsWith("POST /v1/system/prune?older_than=7d ");
        assertThat(Call.at(home, "system", "prune", "-f", "--json").out()).isEqualTo(json + "\n");
    }

    @Test
    void pruneRemovesNothingWhenItCannotAsk() throws IOException {
        says("[]");
        assertThat(Call.at(home, "system", "prune"))
                .isEqualTo(new Call(2, "", "aegis system prune: there is no terminal to ask on: add --force\n"));
        assertThat(requests()).isEmpty();
        assertThat(Call.at(home, "system", "prune", "-f", "--older-than", "week")
                        .err())
                .isEqualTo(
                        "aegis system prune: malformed --older-than 'week': write --older-than 7d (or 12h, 45m, 30s)\n");
    }

    @Test
    void otherPrunesAskTooAndTellOfNothing() throws IOException {
        says("{\"pruned\":0,\"ids\":[],\"freed_bytes\":0}");
        for (String prune : List.of("image prune", "snapshot prune --keep-last 3")) {
            Call refused = Call.at(home, prune.split(" "));
            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).endsWith("prune: there is no terminal to ask on: add --force\n");
        }
        assertThat(requests()).isEmpty();
        assertThat(Call.at(home, "image", "prune", "-f").out()).isEqualTo("0 images removed, 0 B freed\n");
        assertThat(Call.at(home, "snapshot", "prune", "--keep-last", "3", "--force")
                        .out())
                .isEqualTo("no snapshot is old enough to be deleted\n");
    }

    @Test
    void imagesNameTheInstancesThatHoldThem() throws IOException {
        says("[{\"digest\":\"sha256:0123456789abcdef\",\"names\":[\"app:1\"],\"size_bytes\":4096,"
                + "\"created_at\":\"2026-01-02T03:04:05Z\",\"used_by\":[\"inst-1\",\"inst-2\"]}]");
        assertThat(Call.at(home, "image", "list").out()).isEqualTo("""
                NAME   DIGEST               SIZE    CREATED               INSTANCES
                app:1  sha256:0123456789ab  4.0 kB  2026-01-02T03:04:05Z  inst-1, inst-2
                """);
    }

    @Test
    void logsAreNarrowedDownByTheDaemon() throws IOException {
        script(_ -> ScriptedDaemon.chunk(""));
        String time = "2026-01-02T03:04:05Z";
        assertThat(Call.at(home, "logs", "box", "--since", "10m", "--until", time, "--source", "exec")
                        .err())
                .isEmpty();
        assertThat(requests().getFirst())
                .startsWith("GET /v1/instances/box/logs?since=10m&until=2026-01-02T03%3A04%3A05Z&source=exec ");
        assertThat(Call.at(home, "logs", "box", "--since", "yesterday").err())
                .isEqualTo("aegis logs: malformed --since 'yesterday':"
                        + " write --since 10m (or 2h, 3d, 2026-01-31T12:00:00Z)\n");
        assertThat(Call.at(home, "logs", "box", "--source", "host"))
                .isEqualTo(new Call(
                        2, "", "aegis logs: malformed --source 'host': write --source main, exec or system\n"));
        assertThat(requests()).hasSize(1);
    }

    @Test
    void aLineHasItsTimeOnceHoweverManyPiecesItHas() throws IOException {
        script(_ -> ScriptedDaemon.chunk("""
                {"ts":"2026-01-01T00:00:00Z","stream":"stdout","line":"a","source":"server","instance_id":"i","partial":true}
                {"ts":"2026-01-01T00:00:01.5Z","stream":"stdout","line":"b","source":"server","instance_id":"i"}
                {"ts":"2026-01-01T00:00:02.123456Z","stream":"stdout","line":"c","source":"server","instance_id":"i"}
                {"ts":"2026-01-01T00:00:03Z","stream":"system","line":"paused","source":"system","instance_id":"i"}
                """));
        assertThat(Call.at(home, "logs", "box", "-t").out()).isEqualTo("""
                2026-01-01T00:00:00.000Z ab
                2026-01-01T00:00:02.123Z c
                2026-01-01T00:00:03.000Z -- paused
                """);
    }
}
