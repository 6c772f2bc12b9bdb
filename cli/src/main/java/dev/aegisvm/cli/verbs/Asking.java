package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.StatusLine;
import dev.aegisvm.client.DaemonClient;

/** The ways in which verbs ask the daemon: about one thing, or for each of several. */
final class Asking {
    private Asking() {}

    /** A request for one of several things; gives the word for what has become of it. */
    interface Request {
        String of(DaemonClient daemon, String name) throws IOException;
    }

    /** What an answer looks like to a person. */
    interface Text<A> {
        String of(A answer, boolean colours);
    }

    /** A verb that shows an answer: as JSON where {@code --json} is given, else as text. */
    static <A> Verb showing(Usage usage, Function<Arguments, RouteCall<A>> question, Text<A> text) {
        return new Verb(usage.withJson(), (arguments, session) -> {
            RouteCall<A> call = question.apply(arguments);
            Console console = session.console();
            try (DaemonClient daemon = session.daemon()) {
                byte[] json = daemon.json(call);
                if (arguments.has("--json")) {
                    console.line(json);
                } else {
                    console.print(text.of(ApiJson.read(call.route().answer(), json), console.colours()));
                }
                return 0;
            }
        });
    }

    /** A verb that does one thing to each of its operands. */
    static Verb each(Usage usage, String doing, Request request) {
        return new Verb(usage, (arguments, session) -> each(arguments.operands(), session, doing, request));
    }

    /**
     * Asks for each name in turn, and prints what has become of it; a person who waits is told what is being done. One that
     * fails does not stop the others. Returns the exit code, which tells whether all went well.
     */
    static int each(List<String> names, Session session, String doing, Request request) throws IOException {
        int exitCode = 0;
        try (DaemonClient daemon = session.daemon()) {
            for (String name : names) {
                try {
                    session.console().line(Printable.of(name + ": " + await(daemon, name, session, doing, request)));
                } catch (ApiException refusal) {
                    session.say(refusal);
                    exitCode = Verb.FAILED;
                }
            }
        }
        return exitCode;
    }

    private static String await(DaemonClient daemon, String name, Session session, String doing, Request request)
            throws IOException {
        try (StatusLine _ = StatusLine.waiting(session.console(), doing + " " + name)) {
            return request.of(daemon, name);
        }
    }
}
