package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.*;
import org.jspecify.annotations.Nullable;

/** What instances use: once, or live; and what runs in one. */
public final class UsageVerbs {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    /** Long enough to tell the share of the CPU to a percent. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final List<String> LIST_PROCESSES =
            List.of("sh", "-c", "ps -eo pid,ppid,user,stat,pcpu,rss,etime,args 2>/dev/null || exec ps");

    private UsageVerbs() {}

    public static Verb stats() {
        Usage usage = Usage.of("show what instances use, and how they woke up")
                .optionalOperand(Value.of("[name|id]", Value.Kind.INSTANCE));
        return new Verb(usage, (arguments, session) -> {
            String name = arguments.operands().isEmpty() ? null : arguments.operand();
            try (DaemonClient daemon = session.daemon()) {
                return stats(name, daemon, session);
            }
        });
    }

    private static int stats(@Nullable String name, DaemonClient daemon, Session session) throws IOException {
        Console console = session.console();
        if (session.json()) {
            console.line(daemon.json(name == null ? Routes.ALL_STATS.to() : Routes.STATS.to(name)));
            return 0;
        }
        List<StatsView> before = look(name, daemon);
        List<StatsView> now = before;
        if (before.stream().anyMatch(each -> each.cpuMs() != null)) {
            LockSupport.parkNanos(LOOK.toNanos());
            now = look(name, daemon);
        }
        console.print(new UsageTable(before, now).text(console.colours()));
        if (name != null) {
            console.print("\n" + UsageTable.wakes(now.getFirst().wakes()));
        }
        return 0;
    }

    private static List<StatsView> look(@Nullable String name, DaemonClient daemon) throws IOException {
        return name == null ? daemon.call(Routes.ALL_STATS) : List.of(daemon.call(Routes.STATS, name));
    }

    public static Verb top() {
        Usage usage = Usage.of("show what instances use, live; with a name, the processes in that guest")
                .optionalOperand(Value.of("[name|id]", Value.Kind.INSTANCE));
        return new Verb(usage, (arguments, session) -> {
            boolean all = arguments.operands().isEmpty();
            if (all && !session.json() && !session.console().outIsTerminal()) {
                throw arguments.wrong("stdout is no terminal: `aegis stats` prints the table once");
            }
            try (DaemonClient daemon = session.daemon()) {
                if (!all) {
                    return processes(arguments.operand(), daemon, session);
                }
                return session.json() ? stats(null, daemon, session) : live(daemon, session.console());
            }
        });
    }

    private static int live(DaemonClient daemon, Console console) throws IOException {
        try (Screen screen = Screen.open(console)) {
            List<StatsView> before = List.of();
            do {
                List<StatsView> now = daemon.call(Routes.ALL_STATS);
                screen.show(new UsageTable(before, now).text(console.colours()));
                before = now;
            } while (!screen.awaitQuit(INTERVAL));
            return 0;
        }
    }

    private static int processes(String name, DaemonClient daemon, Session session) throws IOException {
        InstanceStatus state = daemon.call(Routes.GET, name).state();
        if (state != InstanceStatus.RUNNING) {
            throw ErrorCode.WRONG_STATE.refusal(
                    name + " is " + state.wire() + ": the processes of a guest are listed while it runs",
                    "aegis instance " + (state == InstanceStatus.PAUSED ? "resume " : "start --name ") + name);
        }
        try (JsonLines lines = daemon.lines(Routes.EXEC.with(ExecRequest.of(LIST_PROCESSES), name))) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                ExecDone end = ApiJson.answer(ExecDone.class, line);
                if (end.done()) {
                    return exitCode(name, end);
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

    private static int exitCode(String name, ExecDone end) {
        if (end.exitCode() == 0) {
            return 0;
        }
        throw ErrorCode.GUEST_FAILED.refusal(
                "ps in " + name + " exits with " + end.exitCode(),
                "its image needs one, such as that of Debian's package procps");
    }
}
