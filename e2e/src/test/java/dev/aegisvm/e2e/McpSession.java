package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** A session with a real {@code aegis-mcp}, line by line, so that a test sees the actual messages. */
final class McpSession implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process server;
    private final List<Path> roots;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();

    /** @param roots what the client works with; none: it does not tell */
    McpSession(Process server, Path... roots) throws IOException {
        this.server = server;
        this.roots = List.of(roots);
        Thread.ofVirtual().start(this::read);
        ask("initialize", """
                {"protocolVersion":"2025-06-18","capabilities":%s,"clientInfo":{"name":"e2e","version":"1"}}""".formatted(roots.length == 0 ? "{}" : "{\"roots\":{}}"));
        send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                JsonNode message = JSON.readTree(line);
                if (message.path("method").asString("").equals("roots/list")) {
                    tellRoots(message.path("id"));
                    continue;
                }
                CompletableFuture<JsonNode> answer =
                        waiting.remove(message.path("id").asInt(-1));
                if (answer != null) {
                    answer.complete(message);
                }
            }
        } catch (IOException ended) {
            return;
        } finally {
            waiting.values().forEach(each -> each.completeExceptionally(new IOException("the server ended")));
        }
    }

    private void tellRoots(JsonNode id) throws IOException {
        String all = roots.stream()
                .map(root -> "{\"uri\":\"" + root.toUri() + "\"}")
                .collect(Collectors.joining(",", "[", "]"));
        send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"roots\":" + all + "}}");
    }

    /** All that the server has said, each message a line. */
    List<String> said() {
        return lines;
    }

    private void send(String line) throws IOException {
        OutputStream out = server.getOutputStream();
        synchronized (out) {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    /** The id of the latest request. */
    int latest() {
        return ids.get();
    }

    /** Cancels a request. */
    void takeBack(int id) throws IOException {
        send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + id + "}}");
    }

    JsonNode ask(String method, String params) throws IOException {
        return await(begin(method, params));
    }

    private CompletableFuture<JsonNode> begin(String method, String params) throws IOException {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":"
                + params.replace("\n", " ") + "}");
        return answer;
    }

    private static JsonNode await(CompletableFuture<JsonNode> answer) {
        return answer.orTimeout(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Begins a call; the future has the text of the answer, after an exclamation mark when it is a failure. */
    CompletableFuture<String> later(String tool, String arguments) throws IOException {
        return begin("tools/call", "{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}")
                .thenApply(answer -> {
                    JsonNode result = answer.path("result");
                    assertThat(result.isObject()).as(answer.toString()).isTrue();
                    return (result.path("isError").asBoolean(false) ? "!" : "")
                            + result.at("/content/0/text").asString();
                });
    }

    /** Calls a tool that has to succeed; gives all of its answer. */
    JsonNode result(String tool, String arguments) throws IOException {
        JsonNode result = ask("tools/call", "{\"name\":\"" + tool + "\",\"arguments\":" + arguments + "}")
                .path("result");
        assertThat(result.path("isError").asBoolean(true)).as(result.toString()).isFalse();
        return result;
    }

    /** Calls a tool that has to succeed; gives its text. */
    String text(String tool, String arguments) throws IOException {
        String text = later(tool, arguments)
                .orTimeout(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS)
                .join();
        assertThat(text).doesNotStartWith("!");
        return text;
    }

    JsonNode json(String tool, String arguments) throws IOException {
        return parse(text(tool, arguments));
    }

    /** Calls a tool that has to fail; gives code, cause and, where there is one, remedy. */
    JsonNode failure(String tool, String arguments) throws IOException {
        String text = later(tool, arguments)
                .orTimeout(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS)
                .join();
        assertThat(text).startsWith("!");
        return JSON.readTree(text.substring(1));
    }

    /** An answer in JSON; or one in plain text, as an object of its facts, and of what it says below them. */
    static JsonNode parse(String text) {
        if (text.startsWith("{")) {
            return JSON.readTree(text);
        }
        ObjectNode answer = JSON.createObjectNode();
        String[] parts = text.split("\n\n", 2);
        for (String line : parts[0].lines().toList()) {
            String[] fact = line.split(": ", 2);
            if (fact[0].equals("note")) {
                answer.withArray("notes").add(fact[1]);
            } else {
                answer.set(
                        fact[0],
                        fact[1].matches("-?\\d+|true|false") ? JSON.readTree(fact[1]) : StringNode.valueOf(fact[1]));
            }
        }
        String body = parts.length > 1 ? parts[1] : "";
        Matcher both =
                Pattern.compile("(?s)(.*?)^--- stderr\n(.*)", Pattern.MULTILINE).matcher(body);
        boolean parted = answer.has("exit_code") && both.matches();
        return answer.put("text", body)
                .put("stdout", parted ? both.group(1) : body)
                .put("stderr", parted ? both.group(2) : "");
    }

    /** Ends stdin and waits for the end of the server; gives its exit code. */
    int end() throws IOException {
        server.getOutputStream().close();
        return server.onExit().orTimeout(60, TimeUnit.SECONDS).join().exitValue();
    }

    @Override
    public void close() {
        server.destroyForcibly();
    }
}
