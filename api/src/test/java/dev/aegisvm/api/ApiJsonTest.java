package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.LogEntry.LogStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiJsonTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void readsACreateBody() {
        CreateInstance create = ApiJson.request(Routes.CREATE.request(), utf8("""
                {"command":["echo","hi"],"handle":"web","env":{"A":"1"},"memory_mb":1024,"ephemeral":true,"allow":[],
                 "exposes":[{"port":80,"public_port":8080}],"tty":{"rows":24,"cols":80}}"""));
        assertThat(create.command()).containsExactly("echo", "hi");
        assertThat(create.env()).isEqualTo(Map.of("A", "1"));
        assertThat(create.memoryMb()).isEqualTo(1024);
        assertThat(create.secrets()).isNull();
        assertThat(create.allow()).isEmpty();
        assertThat(create.exposes()).containsExactly(new PortMapping(80, 8080, null));
        assertThat(create.tty()).isEqualTo(new TerminalSize(24, 80));
    }

    @Test
    void namesAnUnknownKey() {
        assertThatThrownBy(() -> ApiJson.request(Routes.CREATE.request(), utf8("{\"command\":[\"a\"],\"colour\":1}")))
                .isInstanceOfSatisfying(ApiException.class, refusal -> {
                    assertThat(refusal.status()).isEqualTo(400);
                    assertThat(refusal.error().code()).isEqualTo("unknown_field");
                    assertThat(refusal.error().error()).contains("colour");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{",
                "[]",
                "\"x\"",
                "{\"command\":5}",
                "{\"command\":[\"a\"]",
                "{\"env\":[1]}",
                "{\"command\":[\"a\"],\"memory_mb\":\"much\"}",
                "{\"command\":[\"a\"]} trailing",
                "{\"tty\":{\"rows\":0,\"cols\":1}}"
            })
    void refusesWhatIsNoCreateBody(String body) {
        assertThatThrownBy(() -> ApiJson.request(Routes.CREATE.request(), utf8(body)))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refusal -> assertThat(refusal.status()).isEqualTo(400));
    }

    /** What follows the second quote is text for who goes by the grammar, and brackets for the parser, which skips quotes. */
    @Test
    void depthIsNotHiddenBehindAQuote() {
        byte[] body = utf8("{\"handle\":[1\"," + "[".repeat(100_000) + "\"]}");
        assertThatThrownBy(() -> ApiJson.request(Routes.CREATE.request(), body))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("not well-formed");
    }

    /** Where a list should be, the parser takes a string's first bracket for its begin: in it, depth is not counted. */
    @ParameterizedTest
    @ValueSource(strings = {"command", "host_ports"})
    void depthIsNotHiddenInAString(String list) {
        byte[] body = utf8("{\"" + list + "\":\"" + "[".repeat(100_000) + "\"}");
        assertThatThrownBy(() -> ApiJson.request(Routes.CREATE.request(), body)).isInstanceOf(ApiException.class);
    }

    @Test
    void aBodyThatIsNotUtf8IsRefused() {
        byte[] body = "{\"command\":[\"\u00e9\"]}".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> ApiJson.request(Routes.CREATE.request(), body))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("not well-formed");
    }

    @Test
    void writesALogEntryWithoutWhatIsAbsent() {
        LogEntry entry = new LogEntry(
                Instant.parse("2025-01-02T03:04:05.678Z"),
                LogStream.STDOUT,
                "hi",
                LogSource.SERVER,
                "inst-1",
                null,
                null);
        assertThat(ApiJson.text(entry))
                .isEqualTo("{\"ts\":\"2025-01-02T03:04:05.678Z\",\"stream\":\"stdout\",\"line\":\"hi\","
                        + "\"source\":\"server\",\"instance_id\":\"inst-1\"}");
        assertThat(ApiJson.answer(LogEntry.class, ApiJson.write(entry))).isEqualTo(entry);
    }

    @Test
    void anInstanceComesBackAsItWent() {
        InstanceView view = InstanceViewBuilder.builder()
                .id("inst-1")
                .state(InstanceStatus.RUNNING)
                .enabled(true)
                .command(List.of("sleep", "1"))
                .handle("box")
                .secrets(List.of("KEY"))
                .createdAt(Instant.EPOCH)
                .exposePorts(List.of(80))
                .endpoints(List.of(new Endpoint(80, 20000, "http", true)))
                .memoryMb(512)
                .vcpus(1)
                .diskMb(8192)
                .diskUsedBytes(1_000_000L)
                .workspace("/home/me/app:ro")
                .idle(new IdleView("awake: an exec runs", "60s", "never", Instant.EPOCH))
                .boot(new BootView("template", 12.5, Map.of("spawn", 1.5)))
                .build();
        assertThat(ApiJson.text(view))
                .contains(
                        "\"state\":\"running\"",
                        "\"memory_mb\":512",
                        "\"disk_used_bytes\":1000000",
                        "\"workspace\":\"/home/me/app:ro\"",
                        "\"idle\":{\"activity\":\"awake: an exec runs\",\"pause\":\"60s\",\"stop\":\"never\"",
                        "\"total_ms\":12.5");
        assertThat(ApiJson.read(Routes.LIST.answer(), ApiJson.write(Routes.LIST.answer(), List.of(view))))
                .containsExactly(view);
    }

    @Test
    void errorsCarryTheExitCodeOfAShell() {
        assertThat(ApiJson.text(ErrorCode.COMMAND_NOT_FOUND.error("nothing called x", "try y")))
                .isEqualTo(
                        "{\"error\":\"nothing called x\",\"code\":\"command_not_found\",\"hint\":\"try y\",\"exit_code\":127}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "€", "😀", "\n", "\"\\/\t\r\b\f", "\u0001\u007f"})
    void stringsMayBeLong(String unit) {
        for (int length : new int[] {1, 1023, 4095, 30_000, 400_000}) {
            for (String before : List.of("", "x", "xy")) {
                CreateInstance create = CreateInstance.of(List.of(before + unit.repeat(length), "end"));
                assertThat(ApiJson.request(Routes.CREATE.request(), ApiJson.write(create))
                                .command())
                        .isEqualTo(create.command());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\x", "\\u12", "\\u12g4"})
    void anEscapeThatMeansNothingIsRefused(String escape) {
        assertThatThrownBy(() -> ApiJson.request(Routes.CREATE.request(), utf8("{\"command\":[\"" + escape + "\"]}")))
                .isInstanceOf(ApiException.class);
    }

    @Test
    void anEscapedCharacterIsRead() {
        assertThat(ApiJson.request(
                                Routes.CREATE.request(),
                                utf8("{\"command\":[\"\\u20ac\\ud83d\\ude00\"], \"handle\" : null }"))
                        .command())
                .containsExactly("€😀");
    }

    @Test
    void aLogEntryCarriesAnything() {
        StringBuilder every = new StringBuilder("\0".repeat(32_000));
        for (int point = 0; point < 0x11000; point += point < 0x300 ? 1 : 31) {
            if (point < 0xd800 || point > 0xdfff) {
                every.appendCodePoint(point);
            }
        }
        for (String line : List.of(every.toString(), "", "\"", "a\\", "\u001b[2J", "😀".repeat(8000))) {
            LogEntry entry =
                    new LogEntry(Instant.EPOCH, LogStream.STDERR, line, LogSource.EXEC, "inst-1", "exec-1", true);
            assertThat(ApiJson.answer(LogEntry.class, ApiJson.write(entry))).isEqualTo(entry);
        }
    }
}
