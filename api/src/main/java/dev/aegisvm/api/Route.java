package dev.aegisvm.api;

import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request that the daemon answers.
 *
 * @param <Q> what its body is read as
 * @param <A> what its answer is read as; of lines, each line
 * @param name as the operation is called in {@code openapi.yaml}
 * @param method the HTTP method, in capitals
 * @param template the path, with {@code {…}} where a name goes
 * @param errors why it may be refused, beside the {@link Routes#COMMON} reasons
 */
public record Route<Q, A>(
        String name, String method, String template, BodyType<Q> request, BodyType<A> answer, List<ErrorCode> errors) {
    private static final String HEX = "0123456789ABCDEF";

    /** How bytes of a request or an answer are to be read. */
    public enum BodyForm {
        NOTHING(""),
        /** One record. */
        JSON("application/json"),
        /** An array of records. */
        LIST("application/json"),
        /** A record in each line. */
        LINES("application/x-ndjson"),
        /** Content of any size, which is read as it comes. */
        FILE("application/octet-stream"),
        /** A tar stream of any size. */
        TAR("application/x-tar"),
        /** Frames in both directions; see {@link StreamFrame}. */
        STREAM("application/vnd.aegis-stream");

        private final String contentType;

        BodyForm(String contentType) {
            this.contentType = contentType;
        }

        public String contentType() {
            return contentType;
        }
    }

    /** What a request or an answer carries, and how its JSON is read and written. */
    public static final class BodyType<T> {
        private final BodyForm form;
        private final Class<?> record;
        private final Function<Jsonb, JsonType<T>> json;

        private BodyType(BodyForm form, Class<?> record, Function<Jsonb, JsonType<T>> json) {
            this.form = form;
            this.record = record;
            this.json = json;
        }

        static <T> BodyType<T> json(Class<T> record) {
            return new BodyType<>(BodyForm.JSON, record, jsonb -> jsonb.type(record));
        }

        static <T> BodyType<List<T>> list(Class<T> record) {
            return new BodyType<>(
                    BodyForm.LIST, record, jsonb -> jsonb.type(record).list());
        }

        static <T> BodyType<T> lines(Class<T> record) {
            return new BodyType<>(BodyForm.LINES, record, jsonb -> jsonb.type(record));
        }

        static BodyType<Void> raw(BodyForm form) {
            return new BodyType<>(form, Void.class, jsonb -> jsonb.type(Void.class));
        }

        public BodyForm form() {
            return form;
        }

        /** The record in it, or each of its records; {@code Void} where there is none. */
        public Class<?> record() {
            return record;
        }

        JsonType<T> json(Jsonb jsonb) {
            return json.apply(jsonb);
        }
    }

    /** Whether the body of a request is content of any size. */
    public boolean streamsBody() {
        return request.form() == BodyForm.FILE || request.form() == BodyForm.TAR;
    }

    /** The path for as many names as it has. */
    public String path(String... names) {
        String path = template;
        for (String name : names) {
            int open = path.indexOf('{');
            if (open < 0 || name.isEmpty()) {
                throw new IllegalArgumentException(this.name + " takes " + (open < 0 ? "no such name" : "a name"));
            }
            path = path.substring(0, open) + encode(name) + path.substring(path.indexOf('}') + 1);
        }
        if (path.indexOf('{') >= 0) {
            throw new IllegalArgumentException(this.name + " needs a name");
        }
        return path;
    }

    /** A request without a body. */
    public RouteCall<A> to(String... names) {
        return new RouteCall<>(this, path(names), null);
    }

    /** A request with a body. */
    public RouteCall<A> with(Q body, String... names) {
        return new RouteCall<>(this, path(names), ApiJson.write(request, body));
    }

    /** Replaces every byte that is no unreserved character of a URL by its percent code. */
    private static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return encoded.toString();
    }

    /** A request to a route, with the names in its path, its query and its body. */
    public static final class RouteCall<A> {
        private final Route<?, A> route;
        private final StringBuilder target;
        private final byte @Nullable [] json;

        private RouteCall(Route<?, A> route, String path, byte @Nullable [] json) {
            this.route = route;
            this.target = new StringBuilder(path);
            this.json = json;
        }

        /** Adds a parameter to the query, unless the value is null. */
        public RouteCall<A> query(String key, @Nullable Object value) {
            if (value != null) {
                target.append(target.indexOf("?") < 0 ? '?' : '&').append(key).append('=');
                target.append(encode(value.toString()));
            }
            return this;
        }

        /** Adds {@code key=true} to the query, if it is so. */
        public RouteCall<A> flag(String key, boolean value) {
            return query(key, value ? "true" : null);
        }

        public Route<?, A> route() {
            return route;
        }

        /** The path and the query. */
        public String target() {
            return target.toString();
        }

        /** The body; empty where there is none. */
        public byte[] json() {
            return json == null ? new byte[0] : json.clone();
        }
    }
}
