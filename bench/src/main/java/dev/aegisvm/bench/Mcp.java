package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.client.DaemonClient;

/** The MCP server: how soon it answers, and what it adds to an exec. */
final class Mcp {
    private static final int CROWD = 20;

    private Mcp() {}

    static void calls(Sandbox sandbox, Turns turns) throws IOException {
        sandbox.with(Sandbox.IDLE, (api, id) -> {
            turns.each("mcp.start", "`aegis-mcp` from spawn until `initialize` is answered", () -> {
                        long begin = System.nanoTime();
                        try (Server _ = Server.start(sandbox)) {
                            return Turns.since(begin);
                        }
                    })
                    .atMost(500);
            turns.run(2, 50);
            try (Server server = Server.start(sandbox)) {
                execs(server, api, id, turns);
            }
            return id;
        });
    }

    private static void execs(Server server, DaemonClient api, String id, Turns turns) throws IOException {
        Metric exec = turns.time("mcp.exec", "MCP `exec` of `true`", () -> {
            server.exec(1, id, "[\"true\"]");
            good(server.answer(), 1);
        });
        Metric bare = turns.time(
                "mcp.exec.api", "  in turn with it: NDJSON on a kept connection", () -> Execs.ndjson(api, id));
        exec.atMostMore(5, bare).note("the target is the API's median and 5 ms");
        turns.run(20);
        turns.time("mcp.crowd", CROWD + " MCP execs at once, until all are answered, each right", () -> {
            crowd(server, id);
        });
        turns.run(1, 20);
    }

    /** Each writes its own number, so that none is lost and none mixed up. */
    private static void crowd(Server server, String instance) throws IOException {
        Set<Integer> missing = new HashSet<>();
        for (int i = 1; i <= CROWD; i++) {
            server.exec(i, instance, "[\"echo\",\"number " + i + ".\"]");
            missing.add(i);
        }
        while (!missing.isEmpty()) {
            String answer = server.answer();
            int id = missing.stream()
                    .filter(each -> answer.contains("\"id\":" + each + ","))
                    .findFirst()
                    .orElseThrow(() -> new IOException("aegis-mcp answers what was not asked: " + answer));
            good(answer, id);
            if (!answer.contains("number " + id + ".")) {
                throw new IOException("the answer to " + id + " is of another: " + answer);
            }
            missing.remove(id);
        }
    }

    private static void good(String answer, int id) throws IOException {
        if (!answer.contains("\"id\":" + id + ",") || !answer.contains("exit_code\\\":0")) {
            throw new IOException("an MCP exec is answered by " + answer);
        }
    }

    /** A real {@code aegis-mcp} and what its client says to it, a line for each message. */
    private record Server(Process process, OutputStream to, BufferedReader from) implements Closeable {
        private static final String INITIALIZE = """
                {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},\
                "clientInfo":{"name":"bench","version":"1"}}}""";

        static Server start(Sandbox sandbox) throws IOException {
            Process process = sandbox.command(sandbox.program("aegis-mcp"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Server server = new Server(process, process.getOutputStream(), process.inputReader(StandardCharsets.UTF_8));
            server.send(INITIALIZE);
            String hello = server.answer();
            if (!hello.contains("\"id\":0") || !hello.contains("serverInfo")) {
                throw new IOException("aegis-mcp greets with " + hello);
            }
            server.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
            return server;
        }

        /** Asks for a command, in a JSON array; does not wait. */
        void exec(int id, String instance, String command) throws IOException {
            send("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"exec\","
                    + "\"arguments\":{\"name\":\"" + instance + "\",\"command\":" + command + "}}}");
        }

        String answer() throws IOException {
            String line = from.readLine();
            if (line == null) {
                throw new IOException("aegis-mcp ended");
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
}
