package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The MCP server: how soon it answers, and what it adds to an exec. */
final class McpCalls implements Measure {
    private static final int WARM_UP = 20;
    private static final int MOST_STARTS = 50;
    private static final int MOST_CROWDS = 20;
    private static final int CROWD = 20;
    private static final double WISH_START_MS = 500;
    private static final double WISH_MORE_MS = 5;

    @Override
    public String title() {
        return "the MCP server";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            try {
                List<Row> rows = new ArrayList<>();
                rows.add(Row.of(
                                "mcp.start",
                                "`aegis-mcp` from spawn until `initialize` is answered",
                                "ms",
                                starts(sandbox, Math.min(runs, MOST_STARTS)))
                        .atMost(WISH_START_MS));
                rows.addAll(execs(sandbox, id, runs));
                rows.add(Row.of(
                        "mcp.crowd",
                        CROWD + " MCP execs at once, until all are answered, each right",
                        "ms",
                        crowds(sandbox, id, Math.min(runs, MOST_CROWDS))));
                return rows;
            } finally {
                client.delete(id);
            }
        }
    }

    private static List<Double> starts(Sandbox sandbox, int runs) throws IOException {
        List<Double> times = new ArrayList<>();
        for (int i = -2; i < runs; i++) {
            long begin = System.nanoTime();
            try (McpServer _ = McpServer.start(sandbox)) {
                double millis = (System.nanoTime() - begin) / 1e6;
                if (i >= 0) {
                    times.add(millis);
                }
            }
        }
        return times;
    }

    private static List<Row> execs(Sandbox sandbox, String instance, int runs) throws IOException {
        List<Double> ours = new ArrayList<>();
        List<Double> bares = new ArrayList<>();
        try (McpServer server = McpServer.start(sandbox);
                NdjsonExec api = NdjsonExec.connect(sandbox.socket())) {
            for (int i = -WARM_UP; i < runs; i++) {
                long begin = System.nanoTime();
                server.exec(1, instance, "[\"true\"]");
                good(server.answer(), 1);
                long middle = System.nanoTime();
                api.run(instance, List.of("true"));
                long end = System.nanoTime();
                if (i >= 0) {
                    ours.add((middle - begin) / 1e6);
                    bares.add((end - middle) / 1e6);
                }
            }
        }
        Row bare = Row.of("mcp.exec.api", "  in turn with it: NDJSON on a kept connection", "ms", bares);
        Row our = Row.of("mcp.exec", "MCP `exec` of `true`", "ms", ours).atMost(bare.p50() + WISH_MORE_MS);
        return List.of(our.note("the wish is the API's median and " + Verdict.number(WISH_MORE_MS) + " ms"), bare);
    }

    private static List<Double> crowds(Sandbox sandbox, String instance, int runs) throws IOException {
        List<Double> times = new ArrayList<>();
        try (McpServer server = McpServer.start(sandbox)) {
            for (int i = -1; i < runs; i++) {
                long begin = System.nanoTime();
                crowd(server, instance);
                if (i >= 0) {
                    times.add((System.nanoTime() - begin) / 1e6);
                }
            }
        }
        return times;
    }

    /** Each writes its own number, so that none is lost and none mixed up. */
    private static void crowd(McpServer server, String instance) throws IOException {
        for (int i = 1; i <= CROWD; i++) {
            server.exec(i, instance, "[\"echo\",\"number " + i + ".\"]");
        }
        Set<Integer> missing = new HashSet<>();
        for (int i = 1; i <= CROWD; i++) {
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
}
