package dev.aegisvm.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import dev.aegisvm.mcp.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** {@code logs}: the last lines, as many as fit in an answer. */
final class Logs {
    /** Of an answer, in characters. */
    private static final int MAX_ANSWER = 32 * 1024;
    /** Of one line; a whole one can have megabytes. */
    private static final int MAX_LINE = 4000;

    private Logs() {}

    static String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int tail = given.number("tail");
        try (DaemonClient client = call.client()) {
            return given.flag("network")
                    ? last(
                            client,
                            Routes.NETWORK_LOG.to(call.instance()),
                            tail,
                            line -> Hints.forModel(new String(line, UTF_8)))
                    : of(client, call.instance(), tail, given.text("since"));
        }
    }

    /** The last lines that an instance wrote. */
    static String of(DaemonClient client, String instance, int tail, @Nullable String since) throws IOException {
        RouteCall<LogEntry> request =
                Routes.LOGS.to(instance).query("tail", tail).query("since", since);
        return last(client, request, tail, entry -> line(ApiJson.answer(LogEntry.class, entry)));
    }

    /** The last of some lines, as many as fit. */
    private static String last(DaemonClient client, RouteCall<?> request, int tail, Function<byte[], String> shown)
            throws IOException {
        Deque<String> lines = new ArrayDeque<>();
        int size = 0;
        int left = 0;
        try (JsonLines entries = client.lines(request)) {
            for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                String line = shown.apply(entry);
                lines.add(line);
                size += line.length();
                while ((size > MAX_ANSWER && lines.size() > 1) || lines.size() > tail) {
                    size -= lines.removeFirst().length();
                    left++;
                }
            }
        }
        String missing = left == 0 ? "" : "(" + left + " earlier lines are left out)\n";
        return lines.isEmpty() ? "(no lines)" : missing + String.join("\n", lines);
    }

    private static String line(LogEntry entry) {
        String text = entry.source() == LogEntry.LogSource.SYSTEM ? Hints.forModel(entry.line()) : entry.line();
        String shown = text.length() <= MAX_LINE
                ? text
                : text.substring(0, MAX_LINE) + "… (" + (text.length() - MAX_LINE) + " more characters)";
        return entry.ts() + " " + entry.stream().wire() + " " + shown;
    }
}
