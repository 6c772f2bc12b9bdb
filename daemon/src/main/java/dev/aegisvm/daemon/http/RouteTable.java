package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.Route;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which handler answers which route. */
final class RouteTable {
    private record Entry(Route<?, ?> route, List<String> template, Consumer<Exchange> handler) {}

    /**
     * A route, and the names in its path.
     *
     * @param names what stands for each {@code {…}}, in order
     */
    record Match(Route<?, ?> route, List<String> names, Consumer<Exchange> handler) {}

    private final List<Entry> entries = new ArrayList<>();

    /** Answers a route with what a handler returns. */
    <A> void answer(Route<?, A> route, Function<Exchange, A> handler) {
        serve(route, exchange -> exchange.answer(200, ApiJson.write(route.answer(), handler.apply(exchange))));
    }

    /** Leaves the answer to the handler. */
    void serve(Route<?, ?> route, Consumer<Exchange> handler) {
        entries.add(new Entry(route, segments(route.template()), handler));
    }

    /** @throws IllegalStateException unless every one of these routes has one handler */
    void check(Collection<Route<?, ?>> routes) {
        for (Route<?, ?> route : routes) {
            long handlers = entries.stream()
                    .filter(entry -> entry.route().equals(route))
                    .count();
            if (handlers != 1) {
                throw new IllegalStateException("the route '" + route.name() + "' has " + handlers + " handlers");
            }
        }
    }

    /** @throws ApiException 404 for an unknown path, 405 for a known one with another method */
    Match find(String method, String path) {
        List<String> segments = segments(path);
        List<String> allowed = new ArrayList<>();
        for (Entry entry : entries) {
            if (matches(entry.template(), segments)) {
                if (entry.route().method().equals(method)) {
                    return new Match(entry.route(), names(entry.template(), segments), entry.handler());
                }
                allowed.add(entry.route().method());
            }
        }
        if (allowed.isEmpty()) {
            throw new ApiException(ErrorCode.NOT_FOUND, "there is no such path");
        }
        throw new ApiException(
                ErrorCode.METHOD_NOT_ALLOWED,
                "this path does not know the method " + method,
                "it knows " + String.join(", ", allowed));
    }

    /** Whether a request goes to a route whose body is read as it comes. */
    boolean streamsBody(String method, @Nullable String path) {
        List<String> segments = segments(String.valueOf(path));
        return entries.stream()
                .anyMatch(entry -> entry.route().streamsBody()
                        && entry.route().method().equals(method)
                        && matches(entry.template(), segments));
    }

    private static List<String> segments(String path) {
        return List.of(path.split("/", -1));
    }

    private static boolean matches(List<String> template, List<String> segments) {
        if (template.size() != segments.size()) {
            return false;
        }
        for (int i = 0; i < template.size(); i++) {
            if (isName(template.get(i))
                    ? segments.get(i).isEmpty()
                    : !template.get(i).equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<String> names(List<String> template, List<String> segments) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < template.size(); i++) {
            if (isName(template.get(i))) {
                names.add(segments.get(i));
            }
        }
        return names;
    }

    private static boolean isName(String segment) {
        return segment.startsWith("{");
    }
}
