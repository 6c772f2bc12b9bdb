package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.McpTool.Call;

/** {@code logs}: the last lines, as many as fit in an answer. */
final class Logs {
    private static final int DEFAULT_LINES = 50;
    private static final int MAX_LINES = 10_000;
    /** Of an answer, in characters. */
    private static final int MAX_ANSWER = 32 * 1024;
    /** Of one line; a whole one can have megabytes. */
    private static final int MAX_LINE = 4000;

    private Logs() {}

    static McpTool tool() {
        return McpTool.reads("logs", "Read the logs of an instance")
                .about("""
                    Shows the last lines that an instance's main process and its execs wrote, and what the system says about it \
                    ("process exited (code=N)", why a start failed). A line is: time, stream, text. Use it to see how a server is doing \
                    or why an instance stopped; the output of an exec is in its own answer. Values of the instance's secrets are hidden.""")
                .takesInstance()
                .mayTake("tail", Kind.number(1, MAX_LINES).or(DEFAULT_LINES), "how many lines")
                .mayTake("since", Kind.TEXT, "only lines after this time (RFC 3339) or of the last 10m, 2h, …")
                .does(Logs::call);
    }

    private static String call(Call call) throws IOException {
        int tail = call.arguments().number("tail");
        RouteCall<LogEntry> request = Routes.LOGS
                .to(call.instance())
                .query("tail", tail)
                .query("since", call.arguments().text("since"));
        Deque<String> lines = new ArrayDeque<>();
        int size = 0;
        int left = 0;
        try (DaemonClient client = call.client();
                JsonLines entries = client.lines(request)) {
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

    static String line(LogEntry entry) {
        String text = entry.line();
        String shown = text.length() <= MAX_LINE
                ? text
                : text.substring(0, MAX_LINE) + "… (" + (text.length() - MAX_LINE) + " more characters)";
        return entry.ts() + " " + entry.stream().wire() + " " + shown;
    }
}
