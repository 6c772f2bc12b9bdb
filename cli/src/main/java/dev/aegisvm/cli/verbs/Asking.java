package dev.aegisvm.cli.verbs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.DoneView;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.cli.line.*;
import dev.aegisvm.cli.terminal.*;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** The ways in which verbs ask the daemon: about one thing, or for each of several; and how they print the answers. */
final class Asking {
    static final String AGE = "--older-than";

    private Asking() {}

    /** A request for one of several things; gives the word for what has become of it. */
    interface Request {
        String of(DaemonClient daemon, String name) throws IOException;
    }

    static <A> Verb showing(Verb verb, Function<Arguments, RouteCall<A>> question, Function<A, String> text) {
        return verb.does((arguments, session) -> show(question.apply(arguments), session, text));
    }

    /** A verb that removes things; first it asks a person, who has to agree. */
    static <A> Verb pruning(
            Verb verb, String question, Function<Arguments, RouteCall<A>> request, Function<A, String> text) {
        return verb.with("--force -f", "do not ask").does((arguments, session) -> {
            RouteCall<A> call = request.apply(arguments);
            boolean agreed = arguments.has("--force")
                    || session.console()
                            .agrees(question + " [y/N] ")
                            .orElseThrow(() -> arguments.wrong("there is no terminal to ask on: add --force"));
            if (!agreed) {
                session.console().say("aegis: nothing was removed");
                return Verb.FAILED;
            }
            return show(call, session, text);
        });
    }

    /** A verb that prints the names of things, or a table, to which {@code row} adds each of them. */
    static <T> Verb listing(
            Verb verb,
            Function<Arguments, RouteCall<List<T>>> question,
            Function<T, String> name,
            TextTable table,
            BiConsumer<T, TextTable> row) {
        return verb.withQuiet()
                .does((arguments, session) ->
                        show(question.apply(arguments), session, things -> text(things, session, name, table, row)));
    }

    static <T> String text(
            List<T> things, Session session, Function<T, String> name, TextTable table, BiConsumer<T, TextTable> row) {
        if (session.quiet()) {
            return lines(things.stream().map(name).toList());
        }
        things.forEach(each -> row.accept(each, table));
        return table.text(session.console().colours());
    }

    /** Asks, and prints the answer. Gives the exit code. */
    static <A> int show(RouteCall<A> call, Session session, Function<A, String> text) throws IOException {
        print(call, answer(call, session), session, text);
        return 0;
    }

    /** Prints an answer as text, or with {@code --json} the JSON as it came. */
    static <A> void print(RouteCall<A> call, byte[] json, Session session, Function<A, String> text)
            throws IOException {
        if (session.json()) {
            session.console().line(json);
        } else {
            session.console().print(text.apply(ApiJson.read(call.route().answer(), json)));
        }
    }

    static byte[] answer(RouteCall<?> call, Session session) throws IOException {
        DaemonClient daemon = session.daemon();
        try (StatusLine _ = StatusLine.waiting(session.console(), "waiting")) {
            return daemon.json(call);
        }
    }

    /** Each text, made safe to show, in a line of its own. */
    static String lines(List<String> texts) {
        return texts.stream().map(text -> Printable.of(text) + "\n").collect(Collectors.joining());
    }

    static @Nullable String age(Arguments arguments) {
        return arguments.checked(AGE, text -> LooseDuration.read(text).isPresent(), AGE + " 7d (or 12h, 45m, 30s)");
    }

    /** Adds what {@code --filter} says to a request that takes it. */
    static <A> RouteCall<A> filter(RouteCall<A> call, Arguments arguments) {
        RouteCall<A> filtered = call;
        for (String filter : arguments.values(Verb.FILTER)) {
            int equals = filter.indexOf('=');
            String value = filter.substring(equals + 1);
            filtered = switch (filter.substring(0, Math.max(0, equals))) {
                case "label", "name" -> filtered.query(filter.substring(0, equals), value);
                case "status" -> filtered.query("state", value.equals("exited") ? "stopped" : value);
                default ->
                    throw arguments.malformed(
                            Verb.FILTER,
                            filter,
                            "--filter status=running, --filter label=KEY=VALUE or --filter name=PART");
            };
        }
        return filtered;
    }

    /** The instances that the first operands name, as many as that, or those that {@code --filter} chooses. */
    static List<String> chosen(Arguments arguments, int operands, Session session) throws IOException {
        if (!arguments.has(Verb.FILTER)) {
            return arguments.operands().stream().limit(operands).toList();
        }
        List<String> names = session.daemon().call(filter(Routes.LIST.to(), arguments)).stream()
                .map(InstanceView::name)
                .toList();
        if (names.isEmpty()) {
            session.note("no instance matches the filter");
        }
        return names;
    }

    /** A verb that does one thing to each of its operands; what that is, its options say. */
    static Verb each(Verb verb, String doing, Function<Arguments, Request> request) {
        return verb.withQuiet()
                .does((arguments, session) ->
                        each(chosen(arguments, Integer.MAX_VALUE, session), session, doing, request.apply(arguments)));
    }

    /** Asks for each name in turn, and prints what has become of it; a person who waits is told what is being done. */
    static int each(List<String> names, Session session, String doing, Request request) throws IOException {
        return each(names, session, (daemon, name) -> {
            String status;
            try (StatusLine _ = StatusLine.waiting(session.console(), doing + " " + name)) {
                status = request.of(daemon, name);
            }
            done(session, name, status);
        });
    }

    interface Step<T> {
        void of(DaemonClient daemon, T one) throws IOException;
    }

    /** Does the same about each; one that fails does not stop the others. Gives the last failure's exit code, or 0. */
    static <T> int each(List<T> all, Session session, Step<T> step) throws IOException {
        int exitCode = 0;
        DaemonClient daemon = session.daemon();
        for (T one : all) {
            try {
                step.of(daemon, one);
            } catch (ApiException refusal) {
                session.say(refusal);
                exitCode = Objects.requireNonNullElse(refusal.error().exitCode(), Verb.FAILED);
            }
        }
        return exitCode;
    }

    /** Prints what has become of something: as JSON, as its name alone, or as text. */
    static void done(Session session, String name, String status) throws IOException {
        session.print(new DoneView(name, status), Printable.of(session.quiet() ? name : name + ": " + status));
    }
}
