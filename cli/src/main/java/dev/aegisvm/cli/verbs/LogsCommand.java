package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.line.Value;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** {@code aegis logs}: what an instance has written. */
public final class LogsCommand implements Verb {
    private static final String GREY = "\u001b[90m";
    private static final String RESET = "\u001b[0m";

    @Override
    public Usage usage() {
        return Usage.of("show the output of an instance")
                .withAlias("--follow", "-f", "wait for new lines, and print them")
                .with("--tail", Value.of("N", "10", "50", "100"), "only the last N entries")
                .with("--json", "print the entries as JSON, one a line")
                .operand(Value.INSTANCE)
                .details("What the instance wrote to stderr goes to stderr. Lines of the system begin with `--`.")
                .example("aegis logs web --follow --tail 20");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException, UsageException {
        RouteCall<LogEntry> call = Routes.LOGS
                .to(arguments.operand())
                .flag("follow", arguments.has("--follow"))
                .query("tail", tail(arguments));
        boolean json = arguments.has("--json");
        Console console = session.console();
        try (DaemonClient daemon = session.daemon();
                JsonLines entries = daemon.lines(call)) {
            for (byte[] entry = entries.next(); entry != null; entry = entries.next()) {
                if (json) {
                    console.line(entry);
                } else {
                    show(ApiJson.answer(LogEntry.class, entry), console);
                }
            }
        }
        return 0;
    }

    private static void show(LogEntry entry, Console console) throws IOException {
        String end = Boolean.TRUE.equals(entry.partial()) ? "" : "\n";
        switch (entry.stream()) {
            case STDOUT -> Console.write(console.out(), utf8(entry.line().concat(end)));
            case STDERR -> Console.write(console.err(), utf8(entry.line().concat(end)));
            case SYSTEM -> {
                String line = "-- ".concat(Printable.of(entry.line()));
                console.line(console.colours() ? GREY + line + RESET : line);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static @Nullable Integer tail(Arguments arguments) throws UsageException {
        String tail = arguments.value("--tail");
        if (tail == null) {
            return null;
        }
        Long number = InstanceOptions.number(tail);
        if (number == null) {
            throw arguments.malformed("--tail", tail, "--tail 50");
        }
        return number.intValue();
    }
}
