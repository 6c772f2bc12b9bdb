package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.WakeView;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Table;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code aegis instance stats}: how often an instance woke up, and how fast. */
public final class InstanceStatsCommand implements Verb {
    @Override
    public Usage usage() {
        return Usage.of("instance stats", "show how often an instance woke up, and how fast")
                .withJson()
                .operand("<name|id>")
                .details(
                        "Counted from the moment in which it was asked for until its VM runs, since the daemon started.")
                .example("aegis instance stats box");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        try (DaemonClient daemon = session.daemon()) {
            byte[] stats = daemon.statsJson(arguments.operand());
            if (arguments.has("--json")) {
                session.console().line(stats);
            } else {
                session.console().print(table(ApiJson.answer(StatsView.class, stats)));
            }
            return 0;
        }
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
