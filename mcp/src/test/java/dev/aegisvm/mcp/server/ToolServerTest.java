package dev.aegisvm.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.VmLimits;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.mcp.process.ProcessTools;
import dev.aegisvm.mcp.tool.*;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson3.JacksonMcpJsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The server as its client sees it: lines go in, lines come out. There is no daemon, and none can be started. */
class ToolServerTest {
    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
            "clientInfo":{"name":"test","version":"1"}}}
            {"jsonrpc":"2.0","method":"notifications/initialized"}
            """;

    /** So that what was asked is answered after the end of the input. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final JsonMapper jackson = JsonMapper.builder().build();
    private final McpJsonMapper json = new JacksonMcpJsonMapper(jackson);

    private static final List<String> TOOLS = List.of(
            "instance_start[command, name, expose, workspace, image, env, secrets, memory_mb, vcpus, idle_pause, idle_stop, ttl, network, allow, network_rate, wait_for_port, wait_s]",
            "instance_expose[name, port, public_port, remove]",
            "instance_network[name, action, rules]",
            "instance_wait[name, port, wait_s]",
            "instance_list[state]",
            "instance_info[name]",
            "instance_pause[name, resume]",
            "instance_stop[name]",
            "instance_disable[name]",
            "instance_delete[name]",
            "exec[name, command, timeout_s, stdin, cwd, env, user, background, tty, keep, tail, grep, max_bytes, escapes]",
            "process_read[id, cursor, wait_s, wait_for, name, tail, grep, max_bytes, escapes]",
            "process_write[id, text, end, name]",
            "process_signal[id, signal, name]",
            "process_list[name]",
            "logs[name, tail, since, network]",
            "file_read[name, path, from_line, to_line, offset, max_bytes, encoding, user]",
            "file_write[name, path, content, encoding, user]",
            "file_edit[name, path, old, new, all, diff, user]",
            "file_list[name, path, depth, glob, all, user]",
            "file_search[name, pattern, path, glob, ignore_case, context, max_bytes, user]",
            "file_manage[name, action, path, to, recursive, user]",
            "copy_in[name, from, to, user]",
            "copy_out[name, from, to, user]",
            "snapshot[action, name, snapshot, workspace]",
            "fork[name, count, prefix]",
            "diff[name, path, since, patch, offset, all, tail, grep, max_bytes, escapes]",
            "secret_set[key, value]",
            "secret_list[]",
            "secret_delete[key]",
            "output_read[cursor, max_bytes, escapes]",
            "run_code[language, code, name, context, restart, stdin, timeout_s, image, memory_mb, env, secrets, network, allow, network_rate, tail, grep, max_bytes, escapes]");

    private static String call(int id, String tool, String arguments) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"" + tool
                + "\",\"arguments\":" + arguments + "}}\n";
    }

    /** What is answered to some lines, until stdin ends. */
    private List<JsonNode> serve(List<McpTool> tools, String lines) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StdioTransport transport =
                new StdioTransport(json, new ByteArrayInputStream(lines.getBytes(UTF_8)), out, PATIENCE);
        Path nowhere = directory.resolve("home");
        assertThat(new ToolServer(
                                json,
                                new DaemonLauncher(new AegisHome.Places(nowhere, nowhere), nowhere.resolve("aegisd")),
                                tools)
                        .on(transport))
                .isNotNull();
        transport.serve();
        List<JsonNode> answers = new ArrayList<>();
        for (String line : out.toString(UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
                answers.add(jackson.readTree(line));
            }
        }
        return answers;
    }

    private static JsonNode answer(List<JsonNode> answers, int id) {
        return answers.stream()
                .filter(each -> each.path("id").asInt(-1) == id)
                .reduce((first, second) -> {
                    throw new AssertionError("answered twice: " + id);
                })
                .orElseThrow(() -> new AssertionError("no answer " + id + " in " + answers));
    }

    private static String text(JsonNode answer) {
        return answer.at("/result/content/0/text").asString();
    }

    @Test
    void theContractsToolsAreThereWithTheirArguments() throws IOException {
        JsonNode tools = answer(
                        serve(Tools.all(), INITIALIZE + "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n"),
                        1)
                .at("/result/tools");
        List<String> shown = new ArrayList<>();
        for (JsonNode tool : tools) {
            List<String> names =
                    new ArrayList<>(tool.at("/inputSchema/properties").propertyNames());
            shown.add(tool.path("name").asString() + names);
            assertThat(tool.path("description").asString()).hasSizeGreaterThan(40);
            assertThat(tool.path("annotations")).hasSize(1);
            assertThat(tool.at("/inputSchema/additionalProperties").asBoolean(true))
                    .isFalse();
        }
        assertThat(shown).containsAll(TOOLS);
        assertThat(shown).hasSizeLessThanOrEqualTo(32);
        assertThat(jackson.writeValueAsString(tools)).hasSizeLessThan(26 * 1024);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"})
    void eachVersionOfTheProtocolIsSpoken(String version) throws IOException {
        JsonNode answer = answer(serve(List.of(), INITIALIZE.replace("2025-06-18", version)), 0);
        assertThat(answer.at("/result/protocolVersion").asString()).isEqualTo(version);
    }

    @Test
    void theRegistryIsToldNameAndVersionOfTheServer() throws IOException {
        JsonNode told = jackson.readTree(Files.readString(Path.of("server.json")));
        JsonNode server = answer(serve(List.of(), INITIALIZE), 0).at("/result/serverInfo");
        assertThat(told.path("name").asString())
                .isEqualTo("dev.aegisvm/" + server.path("name").asString());
        assertThat(told.path("version")).isEqualTo(server.path("version"));
        assertThat(told.path("description").asString()).hasSizeBetween(1, 100);
    }

    @Test
    void anArrayIsStructuredToo() throws IOException {
        McpTool list = new ToolTable("== list reads\nIt lists.\n").tool("list", _ -> "[{\"name\":\"a\"}]");
        JsonNode result = answer(serve(List.of(list), INITIALIZE + call(1, "list", "{}")), 1);
        assertThat(text(result)).isEqualTo("{\"items\":[{\"name\":\"a\"}]}");
        assertThat(result.at("/result/structuredContent/items/0/name").asString())
                .isEqualTo("a");
    }

    private List<ToolArguments.Argument> argumentsOf(String name) {
        return Tools.all().stream()
                .filter(tool -> tool.name().equals(name))
                .findFirst()
                .orElseThrow()
                .arguments();
    }

    @Test
    void theLimitsThatAreToldAreThoseThatHold() {
        JsonNode start = jackson.valueToTree(ToolArguments.schema(argumentsOf("instance_start")));
        JsonNode memory = start.at("/properties/memory_mb");
        assertThat(memory.path("minimum").asInt()).isEqualTo(VmLimits.MIN_MEMORY_MB);
        assertThat(memory.path("maximum").asInt()).isEqualTo(VmLimits.MAX_MEMORY_MB);
        assertThat(start.at("/properties/vcpus/maximum").asInt()).isEqualTo(VmLimits.MAX_VCPUS);
        assertThat(argumentsOf("run_code").toString()).contains("at most " + ProcessTools.MAX_CODE + " bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "exec | {\"name\":\"a\"} | bad_request | 'command' is missing | a string is run by bash",
                "exec | {\"name\":\"a\",\"command\":[1]} | bad_request | 'command' is not an array of strings, or one | ",
                "exec | {\"name\":\"a\",\"command\":\"ls\",\"timeout_s\":0} | bad_request | 'timeout_s' must be between 1 and  | ",
                "exec | {\"name\":\"a\",\"command\":\"ls\",\"timeout_s\":1.5} | bad_request | 'timeout_s' is not a whole number | ",
                "exec | {\"name\":\"a\",\"command\":\"ls\",\"env\":{\"A\":[1]}} | bad_request | 'env' is not an object | ",
                "exec | {\"nane\":\"a\"} | unknown_field | no argument 'nane' | it takes: name, command",
                "logs | {\"name\":\"a\",\"tail\":\"5 lines\"} | bad_request | 'tail' is not a whole number | ",
                "instance_start | {\"expose\":[\"http\"]} | bad_request | 'expose' has an entry | ",
                "instance_start | {\"expose\":[80.5]} | bad_request | 'expose' is not an array of ports | ",
                "instance_start | {\"expose\":[0]} | bad_request | 'expose' has an entry | ",
                "instance_start | {\"expose\":[\"22:80\"]} | bad_request | and from 1024 on the host | ",
                "instance_expose | {\"name\":\"a\",\"port\":80,\"public_port\":22} | bad_request | 'public_port' must be between 1024 and 65535 | ",
                "exec | {\"name\":\"a\",\"command\":[\"echo\",\"\\ud83d\"]} | bad_request | 'command' has half of a character | ",
                "file_search | {\"name\":\"a\",\"pattern\":\"x\",\"context\":21} | bad_request | 'context' must be between 0 and 20 | ",
                "instance_start | {\"workspace\":\"/etc\"} | bad_request | access to /etc on this host is not allowed | mcp.workspaces",
                "copy_in | {\"name\":\"a\",\"from\":\"/etc/passwd\",\"to\":\"/x\"} | bad_request | access to /etc/passwd on this host is not allowed | file_write",
                "exec | {\"name\":\"a\",\"command\":\"ls\",\"grep\":\"(\"} | bad_request | 'grep' is not a valid regular expression | ",
                "exec | {\"name\":\"a\",\"command\":\"ls\",\"tty\":true} | bad_request | 'tty' needs background | ",
                "run_code | {\"name\":\"a\",\"language\":\"sh\",\"code\":\"ls\",\"image\":\"x\"} | bad_request | 'image' does not go with name; one that runs | ",
                "run_code | {\"language\":\"sh\",\"code\":\"ls\",\"restart\":true} | bad_request | 'restart' needs context | ",
                "file_read | {\"name\":\"a\",\"path\":\"/x\",\"from_line\":1,\"encoding\":\"base64\"} | bad_request | 'encoding' does not go with from_line | ",
                "file_read | {\"name\":\"a\",\"path\":\"/x\",\"from_line\":1,\"encoding\":\"text\"} | daemon_unavailable | the daemon's program is missing | ",
                "file_manage | {\"name\":\"a\",\"path\":\"/x\",\"action\":\"remove\",\"to\":\"/y\"} | bad_request | 'to' does not go with action remove | ",
                "instance_start | {\"network\":\"x\"} | bad_request | 'network' has to be one of these: none, public, allow, open | ",
                "process_read | {\"id\":\"exec-1\"} | not_found | started no such process | name its instance",
                "process_write | {\"id\":\"exec-1\",\"text\":\"x\"} | not_found | started no such process | process_list",
                "file_edit | {\"name\":\"a\",\"path\":\"/x\"} | bad_request | either old and new, or diff | ",
                "file_edit | {\"name\":\"a\",\"path\":\"/x\",\"diff\":\"-a\"} | bad_request | 'diff' has no hunk | ",
                "snapshot | {\"action\":\"rewind\",\"name\":\"a\"} | bad_request | 'snapshot' is missing | ",
                "snapshot | {} | bad_request | 'action' is missing | action: one of these: create, rewind, list, delete",
                "process_signal | {\"id\":\"x\",\"signal\":\"SIGKILL\"} | not_found | started no such process | ",
                "instance_start | {\"expose\":[\"70000\"]} | bad_request | 'expose' has an entry | ",
                "run_code | {\"code\":\"1\"} | bad_request | 'language' is missing | language: python, bash, sh",
                "run_code | {\"language\":\"cobol\",\"code\":\"x\"} | bad_request | 'language' has to be one of these: python, bash | ",
                "run_code | {\"language\":\"Python\",\"code\":\"1\"} | daemon_unavailable | the daemon's program is missing | ",
                "instance_start | {\"expose\":[80, \"8080:80\"]} | daemon_unavailable | the daemon's program is missing | ",
                "secret_set | {\"key\":\"s3cret value\",\"value\":\"x\"} | bad_request | invalid secret name | API_KEY",
                "output_read | {\"cursor\":\"out7:1\"} | not_found | no output for this cursor | run the command again",
                "diff | {\"name\":\"a\",\"patch\":true,\"offset\":9,\"grep\":\"x\"} | bad_request | 'grep' does not go with offset | ",
                "instance_list | {} | daemon_unavailable | the daemon's program is missing | call again",
            })
    void aMistakeIsAnAnswerWithCodeCauseAndRemedy(
            String tool, String arguments, String code, String cause, String remedy) throws IOException {
        JsonNode answer = answer(serve(Tools.all(), INITIALIZE + call(1, tool, arguments)), 1);
        assertThat(answer.at("/result/isError").asBoolean()).isTrue();
        JsonNode failure = jackson.readTree(text(answer));
        assertThat(failure.path("code").asString()).isEqualTo(code);
        assertThat(failure.path("cause").asString()).contains(cause).doesNotContain("s3cret");
        assertThat(failure.path("remedy").asString()).contains(remedy == null ? "" : remedy);
    }

    private static McpTool tool(String name, String arguments, McpTool.Action action) {
        return new ToolTable("== " + name + " reads\nIt is of the test.\n" + arguments).tool(name, action);
    }

    /** A tool that does with its text what a test wants. */
    private static McpTool scripted(String name, UnaryOperator<String> script) {
        return tool(
                name,
                "- text! text : what it is given\n",
                call -> script.apply(call.arguments().required("text")));
    }

    @Test
    void aLineThatIsNoMessageCostsNothingElse() throws IOException {
        McpTool echo = scripted("echo", text -> text);
        List<JsonNode> answers =
                serve(List.of(echo), INITIALIZE + "nonsense\n{}\n[]\n\n" + call(1, "echo", "{\"text\":\"a\\nb\"}"));
        assertThat(text(answer(answers, 1))).isEqualTo("a\nb");
        assertThat(answers.stream().filter(each -> each.at("/error/code").asInt(0) == -32700))
                .hasSize(3);
    }

    @Test
    void aToolThatFailsIsToldAndTheServerGoesOn() throws IOException {
        McpTool broken = scripted("broken", text -> {
            throw new IllegalStateException("s3cret detail");
        });
        List<JsonNode> answers =
                serve(List.of(broken), INITIALIZE + call(1, "broken", "{\"text\":\"\"}") + call(2, "none", "{}"));
        assertThat(text(answer(answers, 1))).contains("\"code\":\"internal\"").doesNotContain("s3cret");
        assertThat(answer(answers, 2).at("/error/message").asString()).contains("Tool not found: none; exec runs");
    }

    /** Each waits until all are there: with fewer threads than calls, none would ever be answered. */
    @Test
    void callsAreServedAtTheSameTimeAndAnsweredEachToItsOwn() throws IOException {
        int calls = 200;
        CountDownLatch all = new CountDownLatch(calls);
        McpTool meeting = scripted("meeting", text -> {
            all.countDown();
            try {
                all.await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            return "for " + text;
        });
        StringBuilder lines = new StringBuilder(INITIALIZE);
        IntStream.rangeClosed(1, calls).forEach(id -> lines.append(call(id, "meeting", "{\"text\":\"" + id + "\"}")));
        List<JsonNode> answers = serve(List.of(meeting), lines.toString());
        for (int id = 1; id <= calls; id++) {
            assertThat(text(answer(answers, id))).isEqualTo("for " + id);
        }
    }

    @Test
    void whileOneCallHangsOthersAreAnswered() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        McpTool hang = scripted("hang", text -> {
            try {
                release.await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            return text;
        });
        McpTool echo = scripted("echo", text -> text);
        Pipe toServer = Pipe.open();
        Pipe toClient = Pipe.open();
        OutputStream typed = Channels.newOutputStream(toServer.sink());
        StdioTransport transport = new StdioTransport(
                json, Channels.newInputStream(toServer.source()), Channels.newOutputStream(toClient.sink()), PATIENCE);
        Path nowhere = directory.resolve("home");
        assertThat(new ToolServer(
                                json,
                                new DaemonLauncher(new AegisHome.Places(nowhere, nowhere), nowhere.resolve("aegisd")),
                                List.of(hang, echo))
                        .on(transport))
                .isNotNull();
        Thread serving = Thread.ofVirtual().start(transport::serve);
        typed.write((INITIALIZE + call(1, "hang", "{\"text\":\"late\"}") + call(2, "echo", "{\"text\":\"soon\"}"))
                .getBytes(UTF_8));
        typed.flush();
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(toClient.source()), UTF_8));
        assertThat(answers.readLine()).contains("\"id\":0");
        assertThat(answers.readLine()).contains("\"id\":2", "soon");
        typed.close();
        release.countDown();
        assertThat(answers.readLine()).contains("\"id\":1", "late");
        serving.join();
    }

    @Test
    void whatTheClientTakesBackEndsAndIsNotAnswered() throws IOException {
        CountDownLatch ended = new CountDownLatch(1);
        McpTool endless = tool("endless", "", call -> {
            var _ = call.cancelled().thenRun(ended::countDown);
            try {
                ended.await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            return "nobody reads this";
        });
        McpTool echo = scripted("echo", text -> text);
        String cancelled = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":";
        List<JsonNode> answers = serve(
                List.of(endless, echo),
                INITIALIZE + call(1, "endless", "{}") + cancelled + "1,\"reason\":\"tired\"}}\n" + cancelled + "7}}\n"
                        + call(2, "echo", "{\"text\":\"after\"}"));
        assertThat(text(answer(answers, 2))).isEqualTo("after");
        assertThat(answers).noneMatch(each -> each.path("id").asInt(-1) == 1);
    }

    @Test
    void progressIsToldToWhoeverAskedForIt() throws IOException {
        McpTool slow = tool("slow", "", call -> {
            call.progress().tell("half");
            return call.progress().during("it takes time", () -> "done");
        });
        String asked = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"slow\","
                + "\"arguments\":{},\"_meta\":{\"progressToken\":\"p7\"}}}\n";
        List<JsonNode> answers = serve(List.of(slow), INITIALIZE + asked + call(2, "slow", "{}"));
        assertThat(text(answer(answers, 1))).isEqualTo("done");
        List<JsonNode> told = answers.stream()
                .filter(each -> each.path("method").asString().equals("notifications/progress"))
                .toList();
        assertThat(told).hasSize(1);
        assertThat(told.getFirst().at("/params/progressToken").asString()).isEqualTo("p7");
        assertThat(told.getFirst().at("/params/message").asString()).isEqualTo("half");
    }

    @Test
    void whatTakesLongIsToldUntilItIsDoneOrFails() throws IOException {
        CompletableFuture<String> told = new CompletableFuture<>();
        McpTool.Progress progress = new McpTool.Progress((_, line) -> told.complete(line));
        assertThat(progress.during("it takes time", told.orTimeout(60, TimeUnit.SECONDS)::join))
                .startsWith("it takes time (");
        IOException gone = new IOException("gone");
        assertThatThrownBy(() -> progress.during("it fails", () -> {
                    throw gone;
                }))
                .isSameAs(gone);
    }

    @Test
    void resourcesAreThereAndAnAddressThatLeadsNowhereIsAnError() throws IOException {
        String list = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/templates/list\"}\n";
        String read = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"resources/read\",\"params\":"
                + "{\"uri\":\"aegis://instance/box/file/%2Fsrv%2Fa\"}}\n";
        String output = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/read\",\"params\":"
                + "{\"uri\":\"aegis://output/box/exec-1/stdin:0\"}}\n";
        List<JsonNode> answers = serve(Tools.all(), INITIALIZE + list + read + output);
        assertThat(answer(answers, 3).at("/error/message").asString()).contains("no output for this cursor");
        assertThat(answer(answers, 1).at("/result/resourceTemplates").toString())
                .contains("aegis://instance/{name}/logs", "aegis://instance/{name}/file/{path}");
        assertThat(answer(answers, 2).at("/error/message").asString()).isNotEmpty();
    }
}
