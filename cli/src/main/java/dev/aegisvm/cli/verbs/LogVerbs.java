package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import org.jspecify.annotations.Nullable;

/** What instances have written, and what has become of them. */
public final class LogVerbs {
    private static final String SINCE = "--since";
    private static final String UNTIL = "--until";
    private static final String SOURCE = "--source";
    private static final String TIMES = "--timestamps";
    /** Of one width. */
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private LogVerbs() {}

    public static Verb logs() {
        Usage usage = Usage.of("show the output of an instance")
                .with("--follow -f", "wait for new lines, and print them")
                .with("--tail", Value.of("N", "10", "50", "100"), "only the last N entries")
                .with(SINCE, Value.of("TIME", "10m", "1h"), "only entries since then: 10m ago, 2026-01-31T12:00:00Z")
                .with(UNTIL, Value.of("TIME", "10m", "1h"), "only entries before then; with -f, ends then")
                .with(
                        SOURCE,
                        Value.of("SOURCE", "server", "exec", "system"),
                        "only entries of the main process (server), of execs, or of the system")
                .with(TIMES + " -t", "begin each line with its time")
                .operand(Value.INSTANCE)
                .details("What the instance wrote to stderr goes to stderr. Lines of the system begin with `--`.")
                .example("aegis logs web --follow --tail 20");
        return new Verb(usage, (arguments, session) -> {
            RouteCall<LogEntry> call = Routes.LOGS
                    .to(arguments.operand())
                    .flag("follow", arguments.has("--follow"))
                    .query("tail", arguments.read("--tail", InstanceOptions::number, "--tail 50"))
                    .query("since", moment(SINCE, arguments))
                    .query("until", moment(UNTIL, arguments))
                    .query("source", arguments.read(SOURCE, LogVerbs::source, SOURCE + " server, exec or system"));
            Set<String> unfinished = arguments.has(TIMES) ? new HashSet<>() : null;
            Shown shown = line -> show(ApiJson.answer(LogEntry.class, line), unfinished, session.console());
            return print(call, arguments, session, shown);
        });
    }

    private static @Nullable String moment(String option, Arguments arguments) {
        String right = option + " 10m (or 2h, 3d, 2026-01-31T12:00:00Z)";
        return arguments.checked(option, text -> LooseDuration.moment(text).isPresent(), right);
    }

    private static Optional<String> source(String text) {
        return LogSource.of(text).map(LogSource::wire);
    }

    /**
     * Shows an entry where it came from.
     *
     * @param unfinished who wrote a piece of a line that goes on: a line has its time once; null: never
     */
    private static void show(LogEntry entry, @Nullable Set<String> unfinished, Console console) throws IOException {
        boolean goesOn = Boolean.TRUE.equals(entry.partial());
        String time = "";
        if (unfinished != null) {
            String writer = entry.stream() + " " + entry.execId();
            boolean begins = goesOn ? unfinished.add(writer) : !unfinished.remove(writer);
            time = begins ? TIME.format(entry.ts()) + " " : "";
        }
        String end = goesOn ? "" : "\n";
        switch (entry.stream()) {
            case STDOUT -> Console.write(console.out(), utf8(time + entry.line() + end));
            case STDERR -> Console.write(console.err(), utf8(time + entry.line() + end));
            case SYSTEM -> {
                String line = time + "-- " + Printable.of(entry.line());
                console.line(console.colours() ? Colour.GREY.paint(line) : line);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static Verb events() {
        Usage usage = Usage.of("show the state changes of instances, and their reasons")
                .with("--follow -f", "wait for new events, and print them")
                .details(
                        "Prints a line for each change that the daemon remembers: time, instance, old and new state, reason.")
                .example("aegis events --follow");
        return new Verb(
                usage,
                (arguments, session) -> print(
                        Routes.EVENTS.to().flag("follow", arguments.has("--follow")),
                        arguments,
                        session,
                        line -> session.console().line(text(ApiJson.answer(EventView.class, line)))));
    }

    private static String text(EventView event) {
        if (event.missed() != null) {
            return event.ts() + "  (" + event.missed() + " events missed: this reader was too slow)";
        }
        String name = event.handle() == null ? event.instanceId() : event.handle();
        String change = event.from() + " → " + event.to();
        return Printable.of(String.format("%s  %-17s  %-20s  %s", event.ts(), name, change, event.because()));
    }

    /** How a line of an answer is shown to a person. */
    interface Shown {
        void line(byte[] json) throws IOException;
    }

    /** Prints the lines of an answer as they come: as JSON where {@code --json} is given. */
    static int print(RouteCall<?> call, Arguments arguments, Session session, Shown shown) throws IOException {
        boolean json = arguments.has("--json");
        try (DaemonClient daemon = session.daemon();
                JsonLines lines = daemon.lines(call)) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (json) {
                    session.console().line(line);
                } else {
                    shown.line(line);
                }
            }
        }
        return 0;
    }
}
