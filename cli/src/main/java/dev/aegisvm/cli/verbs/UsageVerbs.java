package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.api.StatsView.*;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;
import org.jspecify.annotations.Nullable;

/** What instances use: once, or live; and what runs in one. */
public final class UsageVerbs {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    /** Long enough to tell the share of the CPU to a percent. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** Without itself and without kernel threads, which are children of 2; busybox shows those in brackets. */
    private static final List<String> LIST_PROCESSES = List.of("sh", "-c", """
            shown=pid,ppid,user,stat,pcpu,rss,etime,args
            ps --version >/dev/null 2>&1 && exec ps -o $shown --sort=-pcpu --deselect --ppid 2 -p 2,$$
            all=$(ps) || exit
            echo "$all" | grep -v '\\[[^ ]*\\]$' || echo "$all"
            """);

    private static final String[] HEADS = {
        "NAME", "STATE", "CPU %", "CPU TIME", "UNIQUE", "SHARED", "OF", "DISK", "RELAYED IN", "OUT", "HELD", "WAKES"
    };

    private UsageVerbs() {}

    public static Verb stats() {
        return Verb.of("show what instances use, and how they woke up")
                .choosing()
                .optionalOperand(Value.of("[name|id]", Value.Kind.INSTANCE))
                .does((arguments, session) -> {
                    List<String> names = Asking.chosen(arguments, 1, session);
                    boolean all = !arguments.has(Verb.FILTER) && names.isEmpty();
                    return stats(all ? null : names, !arguments.operands().isEmpty(), session);
                });
    }

    /** Those of these instances; null: of all. */
    private static List<StatsView> look(@Nullable List<String> names, DaemonClient daemon) throws IOException {
        if (names == null) {
            return daemon.call(Routes.ALL_STATS);
        }
        List<StatsView> stats = new ArrayList<>();
        for (String name : names) {
            stats.add(daemon.call(Routes.STATS, name));
        }
        return stats;
    }

    /** @param one whether it is about one instance, which is also told how it woke up */
    private static int stats(@Nullable List<String> names, boolean one, Session session) throws IOException {
        Console console = session.console();
        DaemonClient daemon = session.daemon();
        List<StatsView> before = look(names, daemon);
        if (session.json()) {
            console.line(one ? ApiJson.write(before.getFirst()) : ApiJson.write(Routes.ALL_STATS.answer(), before));
            return 0;
        }
        List<StatsView> now = before;
        if (before.stream().anyMatch(each -> each.cpuMs() != null)) {
            LockSupport.parkNanos(LOOK.toNanos());
            now = look(names, daemon);
        }
        console.print(table(before, now, console.colours()));
        if (one) {
            console.print("\n" + wakes(now.getFirst().wakes()));
        }
        return 0;
    }

    public static Verb top() {
        return Verb.of("show what instances use, live; with a name, the processes in that guest")
                .optionalOperand(Value.of("[name|id]", Value.Kind.INSTANCE))
                .does((arguments, session) -> {
                    boolean all = arguments.operands().isEmpty();
                    if (all && !session.json() && !session.console().outIsTerminal()) {
                        throw arguments.wrong("stdout is not a terminal: `aegis stats` prints the table once");
                    }
                    if (!all) {
                        return processes(arguments.operand(), session.daemon(), session);
                    }
                    return session.json() ? stats(null, false, session) : live(session.daemon(), session.console());
                });
    }

    private static int live(DaemonClient daemon, Console console) throws IOException {
        try (Screen screen = new Screen(console)) {
            List<StatsView> before = List.of();
            do {
                List<StatsView> now = daemon.call(Routes.ALL_STATS);
                screen.show(table(before, now, console.colours()));
                before = now;
            } while (!screen.awaitQuit(INTERVAL));
            return 0;
        }
    }

    private static int processes(String name, DaemonClient daemon, Session session) throws IOException {
        InstanceStatus state = daemon.call(Routes.GET, name).state();
        if (state != InstanceStatus.RUNNING) {
            throw ErrorCode.WRONG_STATE.refusal(
                    name + " is " + state.wire() + "; processes can only be listed while it is running",
                    "run: aegis instance " + (state == InstanceStatus.PAUSED ? "resume " : "start --name ") + name);
        }
        try (JsonLines lines = daemon.lines(Routes.EXEC.with(ExecRequest.of(LIST_PROCESSES), name))) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                ExecDone end = ApiJson.answer(ExecDone.class, line);
                if (end.done() && end.exitCode() != 0) {
                    throw ErrorCode.GUEST_FAILED.refusal(
                            "ps in " + name + " exits with " + end.exitCode(),
                            "the guest needs a ps program; on Debian: apt-get install procps");
                }
                if (end.done()) {
                    return 0;
                }
                String text = ApiJson.answer(LogEntry.class, line).line();
                if (session.json()) {
                    session.console().line(line);
                } else if (Objects.nonNull(text)) { // The first line of an exec has none.
                    session.console().line(Printable.of(text));
                }
            }
            throw new DaemonException("the daemon closed the connection before the list ended");
        }
    }

    private record Row(StatsView stats, double percent) {
        long unique() {
            return stats.memory() == null ? -1 : stats.memory().unique();
        }

        String name() {
            return stats.handle() == null ? stats.id() : stats.handle();
        }
    }

    /** Who uses most of the CPU comes first; its share is that of the time since the look before. */
    private static String table(List<StatsView> before, List<StatsView> now, boolean colours) {
        Map<String, StatsView> earlier = before.stream().collect(Collectors.toMap(StatsView::id, each -> each));
        TextTable table = new TextTable(HEADS);
        now.stream()
                .map(each -> new Row(each, percent(earlier.get(each.id()), each)))
                .sorted(Comparator.comparingDouble(Row::percent)
                        .thenComparingLong(Row::unique)
                        .reversed()
                        .thenComparing(Row::name))
                .forEach(row -> add(row, table));
        return table.text(colours);
    }

    /** Of one core; negative when it is not known, as of one that started meanwhile. */
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
                shown(stats.held(), held -> Printable.bytes(held.bytes())),
                Long.toString(
                        stats.wakes().paused().count() + stats.wakes().stopped().count()));
        if (stats.state() != null) {
            table.colour(1, InstanceViews.colour(stats.state()));
        }
    }

    private static <T> String shown(@Nullable T value, Function<T, String> text) {
        return value == null ? "-" : text.apply(value);
    }

    private static String number(double value, String unit) {
        return String.format(Locale.ROOT, "%.1f%s", value, unit);
    }

    private static String wakes(WakesView wakes) {
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
