package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.*;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable;
import org.jspecify.annotations.Nullable;

/**
 * What instances use, as a table; who uses most of the CPU comes first.
 *
 * @param before an earlier look: the share of the CPU is that of the time in between
 */
record UsageTable(List<StatsView> before, List<StatsView> now) {
    private record Row(StatsView stats, double percent) {
        long unique() {
            return stats.memory() == null ? -1 : stats.memory().unique();
        }

        String name() {
            return stats.handle() == null ? stats.id() : stats.handle();
        }
    }

    String text(boolean colours) {
        Map<String, StatsView> earlier = before.stream().collect(Collectors.toMap(StatsView::id, each -> each));
        TextTable table = new TextTable(
                "NAME", "STATE", "CPU %", "CPU TIME", "UNIQUE", "SHARED", "OF", "DISK", "RELAYED IN", "OUT", "WAKES");
        now.stream()
                .map(each -> new Row(each, percent(earlier.get(each.id()), each)))
                .sorted(Comparator.comparingDouble(Row::percent)
                        .thenComparingLong(Row::unique)
                        .reversed()
                        .thenComparing(Row::name))
                .forEach(row -> add(row, table));
        return table.text(colours);
    }

    /** Of one core; negative when nobody knows, as of one that started meanwhile. */
    private static double percent(@Nullable StatsView before, StatsView now) {
        if (before == null || before.cpuMs() == null || now.cpuMs() == null || now.cpuMs() < before.cpuMs()) {
            return -1;
        }
        Duration time = Duration.between(before.at(), now.at());
        return time.isPositive() ? 1e8 * (now.cpuMs() - before.cpuMs()) / time.toNanos() : -1;
    }

    private static void add(Row row, TextTable table) {
        StatsView stats = row.stats();
        table.row(
                row.name(),
                shown(stats.state(), InstanceStatus::wire),
                row.percent() < 0 ? "-" : number(row.percent(), ""),
                shown(stats.cpuMs(), millis -> number(millis / 1000.0, " s")),
                shown(stats.memory(), memory -> Printable.bytes(memory.unique())),
                shown(stats.memory(), memory -> Printable.bytes(memory.shared())),
                shown(stats.memory(), memory -> Printable.bytes(memory.limit())),
                shown(stats.disk(), disk -> Printable.bytes(disk.used())),
                shown(stats.network(), network -> Printable.bytes(network.relayedIn())),
                shown(stats.network(), network -> Printable.bytes(network.relayedOut())),
                Long.toString(
                        stats.wakes().paused().count() + stats.wakes().stopped().count()));
        if (stats.state() != null) {
            table.colour(1, InstanceLists.colour(stats.state()));
        }
    }

    private static <T> String shown(@Nullable T value, Function<T, String> text) {
        return value == null ? "-" : text.apply(value);
    }

    private static String number(double value, String unit) {
        return String.format(Locale.ROOT, "%.1f%s", value, unit);
    }

    /** How one instance woke up. */
    static String wakes(WakesView wakes) {
        TextTable table = new TextTable("WOKEN FROM", "TIMES", "FAILED", "P50", "P99");
        Map<String, WakeView> states = new TreeMap<>(Map.of("paused", wakes.paused(), "stopped", wakes.stopped()));
        states.forEach((state, from) -> table.row(
                state,
                Long.toString(from.count()),
                Long.toString(from.failed()),
                shown(from.p50Ms(), millis -> number(millis, " ms")),
                shown(from.p99Ms(), millis -> number(millis, " ms"))));
        LastWake last = wakes.last();
        if (last == null) {
            return table.text(false);
        }
        String how = "last woke from " + last.from() + ": " + last.because() + ", in " + number(last.ms(), " ms");
        return table.text(false) + Printable.of(how) + "\n";
    }
}
