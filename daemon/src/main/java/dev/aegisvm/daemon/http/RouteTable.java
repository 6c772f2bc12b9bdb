package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.Routes;
import java.util.ArrayList;
import java.util.List;

/** Finds the route of a request among {@link Routes}. */
final class RouteTable {
    private RouteTable() {}

    /**
     * A route, and the name in its path.
     *
     * @param name what stands for {@code {id}} or {@code {name}}; empty when the route has none
     */
    record Match(Routes route, String name) {}

    /** @throws ApiException 404 for an unknown path, 405 for a known one with another method */
    static Match find(String method, String path) {
        String[] segments = path.split("/", -1);
        List<String> allowed = new ArrayList<>();
        for (Routes route : Routes.values()) {
            String[] template = route.template().split("/", -1);
            if (matches(template, segments)) {
                if (route.method().equals(method)) {
                    return new Match(route, name(template, segments));
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

    private static String name(String[] template, String[] segments) {
        for (int i = 0; i < template.length; i++) {
            if (isName(template[i])) {
                return segments[i];
            }
        }
        return "";
    }

    private static boolean isName(String segment) {
        return segment.startsWith("{");
    }
}
