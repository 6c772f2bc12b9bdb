package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.SecretViews.SecretValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code aegis secret}, and the options that name secrets. */
class SecretVerbsTest {
    private static final String SECRET = "{\"name\":\"API_KEY\",\"created_at\":\"2026-01-02T03:04:05.678Z\"}";

    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    private void says(String json) throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), _ -> ScriptedDaemon.json(json));
    }

    private String request() {
        return daemon == null ? "" : daemon.requests().getLast();
    }

    @AfterEach
    void close() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void theValueComesFromStdin() throws IOException {
        says(SECRET);
        for (String in : new String[] {"s3 cret\n", "s3 cret", "s3 cret\r\n"}) {
            assertThat(Call.typing(in.getBytes(UTF_8), home, false, "secret", "set", "API_KEY"))
                    .isEqualTo(new Call(0, "API_KEY: set\n", ""));
            assertThat(request()).startsWith("PUT /v1/secrets/API_KEY ").endsWith("{\"value\":\"s3 cret\"}");
        }
        assertThat(Call.typing("a\n\n".getBytes(UTF_8), home, false, "secret", "set", "API_KEY")
                        .exitCode())
                .isZero();
        assertThat(request()).endsWith("{\"value\":\"a\\n\"}");
    }

    @Test
    void aValueInTheArgumentsWorksWithAWarning() throws IOException {
        says(SECRET);
        Call call = Call.at(home, "secret", "set", "API_KEY", "s3cret");
        assertThat(call.exitCode()).isZero();
        assertThat(call.err()).contains("process list", "printf").doesNotContain("s3cret");
        assertThat(request()).endsWith("{\"value\":\"s3cret\"}");
    }

    @Test
    void whatIsNoValueIsRefusedBeforeAnythingIsSent() {
        assertThat(Call.typing(new byte[0], home, false, "secret", "set", "A").err())
                .contains("the value is empty");
        assertThat(Call.typing(new byte[] {'a', (byte) 0xff}, home, false, "secret", "set", "A"))
                .isEqualTo(new Call(
                        2,
                        "",
                        "aegis secret set: the value on stdin is not UTF-8; encode it, with base64 for example\n"));
        byte[] large = new byte[SecretValue.MAX_BYTES + 3];
        assertThat(Call.typing(large, home, false, "secret", "set", "A").err()).contains("longer than 65536 bytes");
    }

    @Test
    void namesAreListed() throws IOException {
        says("[" + SECRET + "]");
        assertThat(Call.at(home, "secret", "list").out())
                .isEqualTo("NAME     CREATED AT\nAPI_KEY  2026-01-02T03:04:05Z\n");
        assertThat(Call.at(home, "secret", "list", "--json").out()).isEqualTo("[" + SECRET + "]\n");
    }

    @Test
    void severalAreDeletedAndEachFailureIsTold() throws IOException {
        byte[] refusal = ApiJson.write(ErrorCode.NOT_FOUND.error("there is no secret 'B'"));
        daemon = new ScriptedDaemon(
                home.resolve("aegisd.sock"),
                request -> request.startsWith("DELETE /v1/secrets/B ")
                        ? ScriptedDaemon.json(404, refusal)
                        : ScriptedDaemon.json("{\"status\":\"deleted\"}"));
        assertThat(Call.at(home, "secret", "delete", "A", "B", "C"))
                .isEqualTo(new Call(1, "A: deleted\nC: deleted\n", "aegis: there is no secret 'B'\n"));
    }

    @Test
    void instancesNameTheirSecrets() throws IOException {
        says("{\"id\":\"inst-1\",\"state\":\"starting\",\"enabled\":true,\"created_at\":\"2026-01-02T03:04:05Z\"}");
        assertThat(Call.at(home, "instance", "start", "--secret", "A", "--secret=B", "--", "a")
                        .exitCode())
                .isZero();
        assertThat(request()).contains("\"secrets\":[\"A\",\"B\"]");
        assertThat(Call.at(home, "instance", "start", "--secret", "*", "--", "a")
                        .exitCode())
                .isZero();
        assertThat(request()).contains("\"secrets\":[\"*\"]");
    }
}
