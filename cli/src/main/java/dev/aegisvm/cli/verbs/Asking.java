package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.Actions.DoneView;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;

/** The ways in which verbs ask the daemon: about one thing, or for each of several; and how they print the answers. */
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
        return showing(usage, (arguments, _) -> question.apply(arguments), _ -> List.of(), text);
    }

    /** A verb that lists things, which have names. */
    static <T> Verb listing(
            Usage usage,
            Function<Arguments, RouteCall<List<T>>> question,
            Function<T, String> name,
            Text<List<T>> text) {
        return showing(
                usage.withQuiet(),
                (arguments, _) -> question.apply(arguments),
                things -> things.stream().map(name).toList(),
                text);
    }

    /** @param names of what the answer is about, where they alone are to be printed */
    static <A> Verb showing(
            Usage usage,
            BiFunction<Arguments, Session, RouteCall<A>> question,
            Function<A, List<String>> names,
            Text<A> text) {
        return new Verb(usage, (arguments, session) -> {
            RouteCall<A> call = question.apply(arguments, session);
            Console console = session.console();
            try (DaemonClient daemon = session.daemon()) {
                byte[] json = daemon.json(call);
                if (arguments.has("--json")) {
                    console.line(json);
                    return 0;
                }
                A answer = ApiJson.read(call.route().answer(), json);
                if (arguments.has("--quiet")) {
                    for (String name : names.apply(answer)) {
                        console.line(Printable.of(name));
                    }
                } else {
                    console.print(text.of(answer, console.colours()));
                }
                return 0;
            }
        });
    }

    /** A verb that does one thing to each of its operands. */
    static Verb each(Usage usage, String doing, Request request) {
        return each(usage, doing, _ -> request);
    }

    /** The same, where what is done depends on the options. */
    static Verb each(Usage usage, String doing, Function<Arguments, Request> request) {
        return new Verb(
                usage.withQuiet(),
                (arguments, session) ->
                        each(arguments, arguments.operands(), session, doing, request.apply(arguments)));
    }

    /** Asks for each name in turn, and prints what has become of it; a person who waits is told what is being done. */
    static int each(Arguments arguments, List<String> names, Session session, String doing, Request request)
            throws IOException {
        return each(names, session, (daemon, name) -> {
            String status = await(daemon, name, session, doing, request);
            done(arguments, session, name, status);
        });
    }

    /** What is done about one of several things. */
    interface Step<T> {
        void of(DaemonClient daemon, T one) throws IOException;
    }

    /**
     * Does the same about each; one that fails does not stop the others. Returns the exit code: that of the last failure, 0
     * where there was none.
     */
    static <T> int each(List<T> all, Session session, Step<T> step) throws IOException {
        int exitCode = 0;
        try (DaemonClient daemon = session.daemon()) {
            for (T one : all) {
                try {
                    step.of(daemon, one);
                } catch (ApiException refusal) {
                    session.say(refusal);
                    exitCode = Objects.requireNonNullElse(refusal.error().exitCode(), Verb.FAILED);
                }
            }
        }
        return exitCode;
    }

    /** Prints what has become of something: as JSON, as its name alone, or as text. */
    static void done(Arguments arguments, Session session, String name, String status) throws IOException {
        if (arguments.has("--json")) {
            session.console().line(ApiJson.text(new DoneView(name, status)));
        } else {
            session.console().line(Printable.of(arguments.has("--quiet") ? name : name + ": " + status));
        }
    }

    private static String await(DaemonClient daemon, String name, Session session, String doing, Request request)
            throws IOException {
        try (StatusLine _ = StatusLine.waiting(session.console(), doing + " " + name)) {
            return request.of(daemon, name);
        }
    }
}
