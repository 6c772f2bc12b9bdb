package dev.aegisvm.bench;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A real {@code aegis-mcp} and what its client says to it, a line for each message. */
final class McpServer implements Closeable {
    private static final String INITIALIZE = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
            "clientInfo":{"name":"bench","version":"1"}}}""";

    private static final String INITIALIZED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";

    private final Process process;
    private final OutputStream to;
    private final BufferedReader from;

    private McpServer(Process process) {
        this.process = process;
        this.to = process.getOutputStream();
        this.from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts one; returns when it has answered the first request. */
    static McpServer start(Sandbox sandbox) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(sandbox.program("aegis-mcp").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Map<String, String> environment = sandbox.aegis().environment();
        builder.environment().putAll(environment);
        McpServer server = new McpServer(builder.start());
        server.send(INITIALIZE);
        String hello = server.answer();
        if (!hello.contains("\"id\":0") || !hello.contains("serverInfo")) {
            throw new IOException("aegis-mcp greets with " + hello);
        }
        server.send(INITIALIZED);
        return server;
    }

    /** Asks for a command, in a JSON array; does not wait. */
    void exec(int id, String instance, String command) throws IOException {
        send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"exec\","
                + "\"arguments\":{\"name\":\"" + instance + "\",\"command\":" + command + "}}}");
    }

    /** The next answer, whichever it is of. */
    String answer() throws IOException {
        String line = from.readLine();
        if (line == null) {
            throw new EOFException("aegis-mcp ended");
        }
        return line;
    }

    private void send(String line) throws IOException {
        to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        to.flush();
    }

    /** Ends it, as a client does. */
    @Override
    public void close() throws IOException {
        to.close();
        if (from.readLine() != null) {
            throw new IOException("aegis-mcp says more than it was asked");
        }
        process.onExit().join();
    }
}
