package dev.aegisvm.mcp.instance;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.*;
import dev.aegisvm.mcp.process.Excerpt;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** {@code logs}: the last lines, as many as fit in an answer. */
public final class Logs {
    /** Of an answer, in characters. */
    private static final int MAX_ANSWER = 32 * 1024;
    /** So many lines are looked through. */
    private static final int MAX_TAIL = 10_000;

    /** What lines of a network log that tell the same differ in. */
    private static final Pattern VARYING =
            Pattern.compile("\"(?:time|bytes_up|bytes_down|duration_ms|missed)\":[^,}]*,?");

    /** What the driver of a context writes after each snippet: a mark and a status. */
    private static final Pattern OF_A_CONTEXT = Pattern.compile("[0-9a-f]{32} \\d{1,3}");

    private Logs() {}

    public static String call(Call call) throws IOException {
        ToolArguments given = call.arguments();
        int tail = given.number("tail");
        return given.flag("network")
                ? last(
                        call.client(),
                        Routes.NETWORK_LOG.to(call.instance()),
                        tail,
                        line -> Hints.forModel(new String(line, UTF_8)),
                        line -> VARYING.matcher(line).replaceAll(""))
                : of(call.client(), call.instance(), tail, given.text("since"));
    }

    /** Without what contexts wrote, which their answers had. */
    public static String of(DaemonClient client, String instance, int tail, @Nullable String since) throws IOException {
        RouteCall<LogEntry> request =
                Routes.LOGS.to(instance).query("tail", MAX_TAIL).query("since", since);
        Set<String> contexts = new HashSet<>();
        try (JsonLines entries = client.lines(request)) {
            for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                LogEntry read = ApiJson.answer(LogEntry.class, entry);
                if (OF_A_CONTEXT.matcher(read.line()).matches()) {
                    contexts.add(String.valueOf(read.execId()));
                }
            }
        }
        return last(
                client,
                request,
                tail,
                entry -> {
                    LogEntry read = ApiJson.answer(LogEntry.class, entry);
                    return contexts.contains(read.execId()) ? "" : line(read);
                },
                _ -> new Object());
    }

    /**
     * The last of some lines, as many as fit.
     *
     * @param shown is empty for one that is left out
     * @param same what lines that are shown once, with their count, have in common
     */
    private static String last(
            DaemonClient client,
            RouteCall<?> request,
            int tail,
            Function<byte[], String> shown,
            Function<String, Object> same)
            throws IOException {
        SequencedMap<Object, String> lines = new LinkedHashMap<>();
        Map<Object, Integer> counts = new HashMap<>();
        int size = 0;
        int left = 0;
        try (JsonLines entries = client.lines(request)) {
            for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                String line = shown.apply(entry);
                if (line.isEmpty()) {
                    continue;
                }
                Object key = same.apply(line);
                counts.merge(key, 1, Integer::sum);
                size += line.length() - lines.getOrDefault(key, "").length();
                lines.putLast(key, line);
                while ((size > MAX_ANSWER && lines.size() > 1) || lines.size() > tail) {
                    Map.Entry<Object, String> oldest = Objects.requireNonNull(lines.pollFirstEntry());
                    size -= oldest.getValue().length();
                    left += Objects.requireNonNull(counts.remove(oldest.getKey()));
                }
            }
        }
        String missing = left == 0 ? "" : "(earlier lines are left out)\n";
        return lines.isEmpty()
                ? "(no lines)"
                : lines.entrySet().stream()
                        .map(each -> counted(each.getValue(), counts.getOrDefault(each.getKey(), 1)))
                        .collect(Collectors.joining("\n", missing, ""));
    }

    private static String counted(String line, int count) {
        return count == 1 ? line : line.replaceFirst("^\\{", "{\"count\":" + count + ",");
    }

    private static String line(LogEntry entry) {
        String text = entry.source() == LogEntry.LogSource.SYSTEM ? Hints.forModel(entry.line()) : entry.line();
        return entry.ts() + " " + entry.stream().wire() + " " + Excerpt.cut(text);
    }
}
