package dev.aegisvm.cli.verbs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.EventView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.line.Usage;
import dev.aegisvm.cli.line.Verb;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import java.io.IOException;

/** {@code aegis events}: what has become of instances, and why. */
public final class EventsCommand implements Verb {
    private static final int NAME_WIDTH = 17;
    private static final int CHANGE_WIDTH = 20;

    @Override
    public Usage usage() {
        return Usage.of("show the state changes of instances, and their reasons")
                .withAlias("--follow", "-f", "wait for new events, and print them")
                .with("--json", "print the events as JSON, one a line")
                .details(
                        "Prints a line for each change that the daemon remembers: time, instance, old and new state, reason.")
                .example("aegis events --follow");
    }

    @Override
    public int run(Arguments arguments, Session session) throws IOException {
        boolean json = arguments.has("--json");
        Console console = session.console();
        try (DaemonClient daemon = session.daemon();
                JsonLines events = daemon.lines(Routes.EVENTS.to().flag("follow", arguments.has("--follow")))) {
            for (byte[] event = events.next(); event != null; event = events.next()) {
                if (json) {
                    console.line(event);
                } else {
                    console.line(text(ApiJson.answer(EventView.class, event)));
                }
            }
        }
        return 0;
    }

    private static String text(EventView event) {
        if (event.missed() != null) {
            return event.ts() + "  (" + event.missed() + " events missed: this reader was too slow)";
        }
        String handle = event.handle();
        String name = handle == null ? event.instanceId() : handle;
        String change = event.from() + " → " + event.to();
        return Printable.of(event.ts() + "  " + padded(name, NAME_WIDTH) + "  " + padded(change, CHANGE_WIDTH) + "  "
                + event.because());
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
