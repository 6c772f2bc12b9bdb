package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.WakeView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Table;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code aegis instance stats}: how often an instance woke up, and how fast. */
public final class InstanceStatsCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("show how often an instance woke up, and how fast")
                .withJson()
                .operand(Value.INSTANCE)
                .details("The time is from the request until the VM runs. Counted since the daemon started.")
                .example("aegis instance stats box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        return Asking.show(
                arguments,
                session,
                daemon -> daemon.json(Routes.STATS, arguments.operand()),
                (stats, _) -> table(ApiJson.answer(StatsView.class, stats)));
    }

    private static String table(StatsView stats) {
        Table table = new Table("WOKEN FROM", "TIMES", "FAILED", "P50", "P99");
        row(table, "paused", stats.wakes().paused());
        row(table, "stopped", stats.wakes().stopped());
        return table.text(false);
    }

    private static void row(Table table, String from, WakeView wakes) {
        table.row(
                from,
                Long.toString(wakes.count()),
                Long.toString(wakes.failed()),
                millis(wakes.p50Ms()),
                millis(wakes.p99Ms()));
    }

    private static String millis(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.1f ms", value);
    }
}
