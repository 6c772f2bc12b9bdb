package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;

/** Which handler answers which route. */
final class RouteTable {
    /** Answers a request. What it throws as an {@link IOException} means that the client left. */
    interface Handler {
        void handle(Exchange exchange) throws IOException, InterruptedException;
    }

    /** Does what a route is for; an {@link IOException} is a guest's refusal, or the host's. */
    interface Work<A> {
        A of(Exchange exchange) throws IOException;
    }

    /** A route, and its path, in which each {@code {…}} is a group. */
    private record Entry(Route<?, ?> route, Pattern path, Handler handler) {}

    /** Who answers a request, whether that reads its body, and what stands for each {@code {…}} of its path, in order. */
    record Match(boolean streamsBody, List<String> names, Handler handler) {}

    private final List<Entry> entries = new ArrayList<>();

    <A> void answer(Route<?, A> route, Function<Exchange, A> function) {
        serve(route, exchange -> exchange.answer(200, ApiJson.write(route.answer(), function.apply(exchange))));
    }

    void act(Route<?, ActionView> route, String done, Consumer<Exchange> action) {
        answer(route, exchange -> {
            action.accept(exchange);
            return new ActionView(done);
        });
    }

    /** Answers a route with what work returns that may fail; that is told to the client by a refusal. */
    <A> void answer(Route<?, A> route, Function<IOException, ApiException> refusal, Work<A> work) {
        serve(route, refusal, exchange -> exchange.answer(200, ApiJson.write(route.answer(), work.of(exchange))));
    }

    /** Leaves the answer to a handler that may fail before it has begun. */
    void serve(Route<?, ?> route, Function<IOException, ApiException> refusal, Handler handler) {
        serve(route, exchange -> {
            try {
                handler.handle(exchange);
            } catch (IOException obstacle) {
                throw refusal.apply(obstacle);
            }
        });
    }

    void serve(Route<?, ?> route, Handler handler) {
        String path = Stream.of(route.template().split("\\{\\w+}", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining("([^/]+)"));
        entries.add(new Entry(route, Pattern.compile(path), handler));
    }

    /** @throws IllegalStateException unless every one of these routes has one handler */
    void check(Collection<Route<?, ?>> routes) {
        for (Route<?, ?> route : routes) {
            long handlers = entries.stream()
                    .filter(entry -> entry.route().equals(route))
                    .count();
            if (handlers != 1) {
                throw new IllegalStateException(
                        "the route '" + route.method() + " " + route.template() + "' has " + handlers + " handlers");
            }
        }
    }

    /** What answers a request; for an unknown path, or one without this method, that is a refusal. */
    Match find(String method, String path) {
        List<String> allowed = new ArrayList<>();
        for (Entry entry : entries) {
            Matcher names = entry.path().matcher(path);
            if (names.matches() && entry.route().method().equals(method)) {
                List<String> all = IntStream.rangeClosed(1, names.groupCount())
                        .mapToObj(names::group)
                        .toList();
                return new Match(entry.route().streamsBody(), all, entry.handler());
            }
            if (names.matches()) {
                allowed.add(entry.route().method());
            }
        }
        ApiException refusal = allowed.isEmpty()
                ? ErrorCode.NOT_FOUND.refusal("there is no such path")
                : ErrorCode.METHOD_NOT_ALLOWED.refusal(
                        "this path does not support the method " + method, "it supports " + String.join(", ", allowed));
        return new Match(false, List.of(), _ -> {
            throw refusal;
        });
    }
}
