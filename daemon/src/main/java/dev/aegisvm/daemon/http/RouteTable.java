package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.Routes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the route of a request among {@link Routes}. */
final class RouteTable {
    private RouteTable() {}

    /**
     * A route, and the names in its path.
     *
     * @param names what stands for each {@code {…}}, in order
     */
    record Match(Routes route, List<String> names) {}

    /** @throws ApiException 404 for an unknown path, 405 for a known one with another method */
    static Match find(String method, String path) {
        String[] segments = path.split("/", -1);
        List<String> allowed = new ArrayList<>();
        for (Routes route : Routes.values()) {
            String[] template = route.template().split("/", -1);
            if (matches(template, segments)) {
                if (route.method().equals(method)) {
                    return new Match(route, names(template, segments));
                }
                allowed.add(route.method());
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
    static boolean streamsBody(String method, @Nullable String path) {
        String[] segments = String.valueOf(path).split("/", -1);
        for (Routes route : Routes.values()) {
            if (route.streamsBody()
                    && route.method().equals(method)
                    && matches(route.template().split("/", -1), segments)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String[] template, String[] segments) {
        if (template.length != segments.length) {
            return false;
        }
        for (int i = 0; i < template.length; i++) {
            if (isName(template[i]) ? segments[i].isEmpty() : !template[i].equals(segments[i])) {
                return false;
            }
        }
        return true;
    }

    private static List<String> names(String[] template, String[] segments) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < template.length; i++) {
            if (isName(template[i])) {
                names.add(segments[i]);
            }
        }
        return names;
    }

    private static boolean isName(String segment) {
        return segment.startsWith("{");
    }
}
