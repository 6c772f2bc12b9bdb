package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;

/** What instances have written, and what has become of them. */
public final class LogVerbs {
    private LogVerbs() {}

    public static Verb logs() {
        Usage usage = Usage.of("show the output of an instance")
                .withAlias("--follow", "-f", "wait for new lines, and print them")
                .with("--tail", Value.of("N", "10", "50", "100"), "only the last N entries")
                .with("--json", "print the entries as JSON, one a line")
                .operand(Value.INSTANCE)
                .details("What the instance wrote to stderr goes to stderr. Lines of the system begin with `--`.")
                .example("aegis logs web --follow --tail 20");
        return new Verb(usage, (arguments, session) -> {
            RouteCall<LogEntry> call = Routes.LOGS
                    .to(arguments.operand())
                    .flag("follow", arguments.has("--follow"))
                    .query("tail", arguments.read("--tail", text -> tail(text, arguments)));
            return print(
                    call, arguments, session, line -> show(ApiJson.answer(LogEntry.class, line), session.console()));
        });
    }

    private static void show(LogEntry entry, Console console) throws IOException {
        String end = Boolean.TRUE.equals(entry.partial()) ? "" : "\n";
        switch (entry.stream()) {
            case STDOUT -> Console.write(console.out(), utf8(entry.line().concat(end)));
            case STDERR -> Console.write(console.err(), utf8(entry.line().concat(end)));
            case SYSTEM -> {
                String line = "-- ".concat(Printable.of(entry.line()));
                console.line(console.colours() ? Colour.GREY.paint(line) : line);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int tail(String tail, Arguments arguments) {
        Integer number = InstanceOptions.number(tail);
        if (number == null) {
            throw arguments.malformed("--tail", tail, "--tail 50");
        }
        return number;
    }

    public static Verb events() {
        Usage usage = Usage.of("show the state changes of instances, and their reasons")
                .withAlias("--follow", "-f", "wait for new events, and print them")
                .with("--json", "print the events as JSON, one a line")
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

    private interface Shown {
        void line(byte[] json) throws IOException;
    }

    private static int print(RouteCall<?> call, Arguments arguments, Session session, Shown shown) throws IOException {
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
