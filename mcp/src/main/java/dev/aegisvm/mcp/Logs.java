package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.McpTool.Call;

/** {@code logs}: the last lines, as many as fit in an answer. */
final class Logs {
    /** Of an answer, in characters. */
    private static final int MAX_ANSWER = 32 * 1024;
    /** Of one line; a whole one can have megabytes. */
    private static final int MAX_LINE = 4000;

    private Logs() {}

    static String call(Call call) throws IOException {
        try (DaemonClient client = call.client()) {
            return last(
                    client,
                    Routes.LOGS
                            .to(call.instance())
                            .query("tail", call.arguments().number("tail"))
                            .query("since", call.arguments().text("since")));
        }
    }

    /** The last of the lines that are asked for, as many as fit. */
    static String last(DaemonClient client, RouteCall<LogEntry> request) throws IOException {
        Deque<String> lines = new ArrayDeque<>();
        int size = 0;
        int left = 0;
        try (JsonLines entries = client.lines(request)) {
            for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                String line = line(ApiJson.answer(LogEntry.class, entry));
                lines.add(line);
                size += line.length();
                while (size > MAX_ANSWER && lines.size() > 1) {
                    size -= lines.removeFirst().length();
                    left++;
                }
            }
        }
        String missing = left == 0 ? "" : "(" + left + " earlier lines left out: the answer would be too long)\n";
        return lines.isEmpty() ? "(no lines)" : missing + String.join("\n", lines);
    }

    private static String line(LogEntry entry) {
        String text = entry.line();
        String shown = text.length() <= MAX_LINE
                ? text
                : text.substring(0, MAX_LINE) + "… (" + (text.length() - MAX_LINE) + " more characters)";
        return entry.ts() + " " + entry.stream().wire() + " " + shown;
    }
}
