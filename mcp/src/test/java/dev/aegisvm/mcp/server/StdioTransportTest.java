package dev.aegisvm.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.mcp.tool.*;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson3.JacksonMcpJsonMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Clients that send too much, or are gone. */
@Timeout(60)
class StdioTransportTest {
    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
            "clientInfo":{"name":"test","version":"1"}}}
            """;
    private static final String INITIALIZED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
    private static final String HANG = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
            + "\"params\":{\"name\":\"hang\",\"arguments\":{}}}\n";
    private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n";

    @TempDir
    Path directory;

    private final McpJsonMapper json =
            new JacksonMcpJsonMapper(JsonMapper.builder().build());
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private Pipe toServer;
    private Pipe toClient;
    private OutputStream typed;
    private BufferedReader answers;
    private Thread serving;

    /** A call of it ends when nobody wants its answer any more. */
    private String hang(McpTool.Call call) {
        begun.countDown();
        call.cancelled().join();
        ended.countDown();
        return "nobody reads this";
    }

    @BeforeEach
    void serve() throws IOException {
        toServer = Pipe.open();
        toClient = Pipe.open();
        typed = Channels.newOutputStream(toServer.sink());
        answers = new BufferedReader(new InputStreamReader(Channels.newInputStream(toClient.source()), UTF_8));
        StdioTransport transport = new StdioTransport(
                json,
                Channels.newInputStream(toServer.source()),
                Channels.newOutputStream(toClient.sink()),
                StdioTransport.GRACE);
        McpTool hang = new ToolTable("== hang reads\nit hangs\n").tool("hang", this::hang);
        DaemonLauncher nothing =
                new DaemonLauncher(new AegisHome.Places(directory, directory), directory.resolve("aegisd"));
        assertThat(new ToolServer(json, nothing, List.of(hang)).on(transport)).isNotNull();
        serving = Thread.ofVirtual().start(transport::serve);
    }

    private void type(String... lines) throws IOException {
        for (String line : lines) {
            typed.write(line.getBytes(UTF_8));
        }
        typed.flush();
    }

    @Test
    void aClientThatEndsItsInputLeavesNothing() throws Exception {
        type(INITIALIZE, INITIALIZED, HANG);
        begun.await();
        typed.close();
        serving.join();
        ended.await();
    }

    @Test
    void aClientThatWasNeverReadyLeavesNothing() throws Exception {
        type(INITIALIZE, HANG);
        typed.close();
        serving.join();
    }

    @Test
    void aClientThatReadsNothingAnyMoreLeavesNothing() throws Exception {
        type(INITIALIZE, INITIALIZED, HANG);
        begun.await();
        toClient.source().close();
        type(PING);
        serving.join();
        ended.await();
    }

    /** The SDK asks for the roots then, or refuses to, and what a client answers is read by whoever reads the rest. */
    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"roots\":{\"listChanged\":true}}"})
    void aNoticeHoldsUpNothing(String capabilities) throws IOException {
        type(
                INITIALIZE.replace("\"capabilities\":{}", "\"capabilities\":" + capabilities),
                INITIALIZED,
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}\n",
                PING);
        assertThat(answers.readLine()).contains("\"id\":0");
        assertThat(answers.lines().anyMatch(line -> line.contains("\"id\":2"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"x\":\"%s\"}}",
                "{\"method\":\"tools/call\",\"params\":{\"x\":\"%s\"},\"jsonrpc\":\"2.0\",\"id\":7}",
            })
    void aMessageThatIsTooLongIsRefusedWithWhatToDo(String message) throws Exception {
        type(INITIALIZE, INITIALIZED);
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                type(message.formatted("\\\"id\\\":9".repeat(7_000_000)), "\n", PING);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        });
        assertThat(answers.readLine()).contains("\"id\":0");
        assertThat(answers.readLine()).contains("\"id\":7,\"error\"", "8388608 are the most", "in parts");
        assertThat(answers.readLine()).contains("\"id\":2", "result");
        sender.join();
    }
}
