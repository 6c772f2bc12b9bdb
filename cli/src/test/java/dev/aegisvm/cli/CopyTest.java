package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.BrokenOff;
import dev.aegisvm.api.ErrorCode;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code aegis cp} against a daemon from a script. */
class CopyTest {
    private static final byte[] NONE =
            ScriptedDaemon.json(404, ApiJson.write(ErrorCode.FILE_NOT_FOUND.error("no such file")));
    private static final byte[] FOLDER = ScriptedDaemon.json(
            "{\"name\":\"srv\",\"type\":\"directory\",\"size\":0,\"mode\":\"0755\",\"uid\":0,\"gid\":0,"
                    + "\"modified_at\":\"2026-01-01T00:00:00Z\"}");
    private static final byte[] DONE =
            ScriptedDaemon.json("{\"files\":1,\"directories\":0,\"symlinks\":0,\"bytes\":1}");

    @TempDir
    Path home;

    private final List<ScriptedDaemon> daemons = new ArrayList<>();

    @AfterEach
    void end() throws IOException {
        for (ScriptedDaemon each : daemons) {
            each.close();
        }
    }

    private void script(Function<String, byte[]> answers) throws IOException {
        end();
        Files.deleteIfExists(home.resolve("aegisd.sock"));
        daemons.add(new ScriptedDaemon(home.resolve("aegisd.sock"), answers));
    }

    private List<String> requests() {
        return daemons.getLast().requests();
    }

    private void guestHas(byte[] stat) throws IOException {
        script(request -> request.startsWith("GET ") ? stat : DONE);
    }

    private String lastRequest() {
        String request = requests().getLast();
        return request.substring(0, request.indexOf(" HTTP/1.1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "box:/a        | box:/b | cannot copy between two guests; use a pipe",
                "a             | b      | one end has to be a path of an instance",
                "./box:/x      | b      | one end has to be a path of an instance",
                "box:          | b      | a path is missing after 'box:'",
                "box:relative  | b      | a guest path must begin with",
                "box:/a        | -      | <to> is missing",
            })
    void aMistakeIsNamed(String from, String to, String why) {
        Call call = to == null ? Call.at(home, "cp", from) : Call.at(home, "cp", from, to);
        assertThat(call.exitCode()).isEqualTo(2);
        assertThat(call.err()).startsWith("aegis cp: ").containsIgnoringCase(why);
    }

    @Test
    void aFileGoesIntoADirectoryOrGetsANewName() throws IOException {
        Path file = Files.writeString(home.resolve("f"), "content");
        guestHas(FOLDER);
        assertThat(Call.at(home, "cp", "--user", "me", file.toString(), "box:/srv"))
                .isEqualTo(new Call(0, "", ""));
        assertThat(lastRequest()).isEqualTo("PUT /v1/instances/box/files/tar?path=%2Fsrv&user=me");
        guestHas(NONE);
        assertThat(Call.at(home, "cp", file.toString(), "box:/srv/new").exitCode())
                .isZero();
        assertThat(lastRequest()).isEqualTo("PUT /v1/instances/box/files/tar?path=%2Fsrv%2F");
        assertThat(Call.at(home, "cp", file.toString(), "box:/srv/new/").err())
                .contains("not a directory in the guest");
        assertThat(Call.at(home, "cp", home.resolve("none").toString(), "box:/srv")
                        .err())
                .contains("no such file");
    }

    @Test
    void whatIsInADirectoryGoesIntoOneThatIsMade() throws IOException {
        Path tree = Files.createDirectory(home.resolve("tree"));
        guestHas(NONE);
        assertThat(Call.at(home, "cp", tree + "/.", "box:/srv/new").exitCode()).isZero();
        assertThat(requests().get(1)).startsWith("POST /v1/instances/box/files/mkdir?path=%2Fsrv%2Fnew&parents=true ");
        assertThat(lastRequest()).isEqualTo("PUT /v1/instances/box/files/tar?path=%2Fsrv%2Fnew");
    }

    @Test
    void stdinIsPassedOnAsItIs() throws IOException {
        guestHas(NONE);
        assertThat(Call.at(home, "cp", "-", "box:/srv").exitCode()).isZero();
        assertThat(lastRequest()).isEqualTo("PUT /v1/instances/box/files/tar?path=%2Fsrv");
    }

    @Test
    void aRefusalOfWhatIsSentIsSaid() throws IOException {
        byte[] refusal = ApiJson.write(ErrorCode.GUEST_DISK_FULL.error("no space left"));
        script(_ -> ScriptedDaemon.json(507, refusal));
        assertThat(Call.at(home, "cp", "-", "box:/srv")).isEqualTo(new Call(1, "", "aegis: no space left\n"));
    }

    @Test
    void aFileComesOut() throws IOException {
        script(_ -> ScriptedDaemon.chunk(tar("f", "content")));
        Path there = Files.createDirectory(home.resolve("there"));
        assertThat(Call.at(home, "cp", "box:/srv/f", there.toString()).exitCode())
                .isZero();
        assertThat(lastRequest()).isEqualTo("GET /v1/instances/box/files/tar?path=%2Fsrv%2Ff");
        assertThat(there.resolve("f")).hasContent("content");
        assertThat(Call.at(home, "cp", "box:/srv/f", there + "/g").exitCode()).isZero();
        assertThat(there.resolve("g")).hasContent("content");
        assertThat(Call.at(home, "cp", "box:/srv/f", "-").out()).isEqualTo(tar("f", "content"));
        assertThat(Call.at(home, "cp", "box:/srv/f", there + "/none/").err()).contains("it is not a directory");
        assertThat(Call.at(home, "cp", "box:/srv/f", there + "/none/g").err()).contains("there is no directory");
    }

    @Test
    void whatBreaksOffSaysWhy() throws IOException {
        String why = ApiJson.text(ErrorCode.FILE_DENIED.error("cannot read /srv/x: permission denied"));
        String half = tar("f", "content").substring(0, 1024);
        script(_ -> ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n400\r\n" + half + "\r\n"
                        + BrokenOff.chunk(why))
                .getBytes(UTF_8));
        assertThat(Call.at(home, "cp", "box:/srv/f", home.resolve("f").toString()))
                .isEqualTo(new Call(1, "", "aegis: cannot read /srv/x: permission denied\n"));
    }

    private static String tar(String name, String content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, UTF_8.name())) {
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(content.length());
            entry.setModTime(0);
            tar.putArchiveEntry(entry);
            tar.write(content.getBytes(UTF_8));
            tar.closeArchiveEntry();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes.toString(UTF_8);
    }
}
