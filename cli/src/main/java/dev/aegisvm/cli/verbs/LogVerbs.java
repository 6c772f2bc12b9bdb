package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import dev.aegisvm.client.*;
import org.jspecify.annotations.Nullable;

/** What instances have written, and what has become of them. */
public final class LogVerbs {
    static final String FOLLOW = "--follow";
    private static final String TAIL = "--tail";
    private static final String SINCE = "--since";
    private static final String UNTIL = "--until";
    private static final String SOURCE = "--source";
    private static final String EXEC = "--exec";
    private static final String TIMES = "--timestamps";
    /** Of one width. */
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private LogVerbs() {}

    public static Verb logs() {
        return narrowing(Verb.of("show the output of an instance"))
                .with(SOURCE + " SOURCE", "only entries of the main process (main), of execs, or of the system")
                .offering("main", "exec", "system")
                .with(EXEC + " ID", "only what this command of `aegis exec` wrote")
                .with(TIMES + " -t", "begin each line with its time")
                .operand(Value.INSTANCE)
                .does((arguments, session) -> {
                    RouteCall<LogEntry> call = narrowed(Routes.LOGS.to(arguments.operand()), arguments)
                            .query("source", arguments.read(SOURCE, LogVerbs::source, SOURCE + " main, exec or system"))
                            .query("exec_id", arguments.value(EXEC));
                    Set<String> unfinished = arguments.has(TIMES) ? new HashSet<>() : null;
                    return print(call, session, entry -> show(entry, unfinished, session.console()));
                });
    }

    /** The options that say when what is shown has happened. */
    private static Verb narrowing(Verb verb) {
        return verb.with(FOLLOW + " -f", "wait for more, and print it when it comes")
                .with(TAIL + " N", "only the last N lines so far")
                .offering("10", "50", "100")
                .with(SINCE + " TIME", "only what came after: 10m ago, 2026-01-31T12:00:00Z")
                .offering("10m", "1h")
                .with(UNTIL + " TIME", "only what came before then; with -f, end at that time")
                .offering("10m", "1h");
    }

    private static <A> RouteCall<A> narrowed(RouteCall<A> call, Arguments arguments) {
        return call.flag("follow", arguments.has(FOLLOW))
                .query("tail", arguments.read(TAIL, InstanceOptions::number, TAIL + " 50"))
                .query("since", moment(SINCE, arguments))
                .query("until", moment(UNTIL, arguments));
    }

    private static @Nullable String moment(String option, Arguments arguments) {
        String right = option + " 10m (or 2h, 3d, 2026-01-31T12:00:00Z)";
        return arguments.checked(option, text -> LooseDuration.moment(text).isPresent(), right);
    }

    private static Optional<String> source(String text) {
        return LogSource.of(text).map(LogSource::wire);
    }

    /** Shows an entry; a line has its time once, so who wrote a piece of an unfinished one is kept. Null: no times. */
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
            case STDOUT -> console.print(time + entry.line() + end);
            case STDERR -> Console.write(console.err(), (time + entry.line() + end).getBytes(StandardCharsets.UTF_8));
            case SYSTEM -> {
                String line = time + "-- " + Printable.of(entry.line());
                console.line(console.colours() ? Colour.GREY.paint(line) : line);
            }
        }
    }

    public static Verb events() {
        return narrowing(Verb.of("show the state changes of instances, and their reasons"))
                .filtering("", "only those with label=K[=V], status=STATE, name=PART")
                .does((arguments, session) -> {
                    boolean onlyNew = arguments.has(FOLLOW) && !arguments.has(SINCE) && !arguments.has(TAIL);
                    RouteCall<EventView> call = Asking.filter(narrowed(Routes.EVENTS.to(), arguments), arguments)
                            .query("tail", onlyNew ? 0 : null);
                    return print(call, session, event -> session.console().line(text(event)));
                });
    }

    private static String text(EventView event) {
        if (event.missed() != null) {
            return event.ts() + "  (" + event.missed() + " events skipped: this command could not keep up)";
        }
        String name = event.handle() == null ? event.instanceId() : event.handle();
        String change = event.from() + " → " + event.to();
        return Printable.of(String.format("%s  %-17s  %-20s  %s", event.ts(), name, change, event.because()));
    }

    /** How a line of an answer is shown to a person. */
    interface Shown<A> {
        void line(A line) throws IOException;
    }

    /** Prints the lines of an answer as they come: as JSON where {@code --json} is given. */
    static <A> int print(RouteCall<A> call, Session session, Shown<A> shown) throws IOException {
        try (JsonLines lines = session.daemon().lines(call)) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (session.json()) {
                    session.console().line(line);
                } else {
                    shown.line(ApiJson.read(call.route().answer(), line));
                }
            }
        }
        return 0;
    }
}
