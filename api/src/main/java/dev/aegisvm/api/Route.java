package dev.aegisvm.api;

import module java.base;
import dev.aegisvm.api.BodyType.BodyForm;
import org.jspecify.annotations.Nullable;

/**
 * A request that the daemon answers: an operation of {@code openapi.yaml}.
 *
 * @param <Q> what its body is read as
 * @param <A> what its answer is read as; of lines, each line
 * @param template the path, with {@code {…}} where a name goes
 * @param errors why it may be refused, beside the {@link Routes#COMMON} reasons
 */
public record Route<Q, A>(
        String method, String template, BodyType<Q> request, BodyType<A> answer, List<ErrorCode> errors) {
    public boolean streamsBody() {
        return request.form() == BodyForm.FILE || request.form() == BodyForm.TAR;
    }

    /** The path for as many names as it has. */
    public String path(String... names) {
        String path = template;
        for (String name : names) {
            int open = path.indexOf('{');
            if (open < 0 || name.isEmpty()) {
                throw new IllegalArgumentException(template + " takes " + (open < 0 ? "no such name" : "a name"));
            }
            path = path.substring(0, open) + encode(name) + path.substring(path.indexOf('}') + 1);
        }
        if (path.indexOf('{') >= 0) {
            throw new IllegalArgumentException(template + " needs a name");
        }
        return path;
    }

    public RouteCall<A> to(String... names) {
        return new RouteCall<>(this, path(names), new byte[0]);
    }

    public RouteCall<A> with(Q body, String... names) {
        return new RouteCall<>(this, path(names), ApiJson.write(request, body));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    /** A request to a route, with the names in its path, its query and its body; empty where there is none. */
    @SuppressWarnings("ArrayRecordComponent") // Calls are not compared.
    public record RouteCall<A>(Route<?, A> route, String target, byte[] body) {
        /** The call with a further parameter in its query, unless the value is null. */
        public RouteCall<A> query(String key, @Nullable Object value) {
            if (value == null) {
                return this;
            }
            String parameter = (target.indexOf('?') < 0 ? '?' : '&') + key + '=' + encode(value.toString());
            return new RouteCall<>(route, target + parameter, body);
        }

        /** The call with {@code key=true} in its query, if it is so. */
        public RouteCall<A> flag(String key, boolean value) {
            return query(key, value ? "true" : null);
        }

        /** The call with such a body, of a route that {@link Route#streamsBody}. */
        public RouteCall<A> content(byte[] bytes) {
            return new RouteCall<>(route, target, bytes);
        }
    }
}
