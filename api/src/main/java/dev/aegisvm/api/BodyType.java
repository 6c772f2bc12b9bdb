package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.*;

/** What a request or an answer carries, and the record in it or in each part of it; {@code Void} for none. */
public record BodyType<T>(BodyForm form, Class<?> record, Function<Jsonb, JsonType<T>> json) {
    public static <T> BodyType<T> json(Class<T> record) {
        return new BodyType<>(BodyForm.JSON, record, jsonb -> jsonb.type(record));
    }

    static <T> BodyType<List<T>> list(Class<T> record) {
        return new BodyType<>(BodyForm.LIST, record, jsonb -> jsonb.type(record).list());
    }

    static <T> BodyType<T> lines(Class<T> record) {
        return new BodyType<>(BodyForm.LINES, record, jsonb -> jsonb.type(record));
    }

    static BodyType<Void> raw(BodyForm form) {
        return new BodyType<>(form, Void.class, jsonb -> jsonb.type(Void.class));
    }

    /** How bytes of a request or an answer are to be read. */
    public enum BodyForm {
        NOTHING(""),
        JSON("application/json"),
        /** An array of records. */
        LIST("application/json"),
        /** A record in each line. */
        LINES("application/x-ndjson"),
        /** Prometheus's text format. */
        METRICS("text/plain; version=0.0.4; charset=utf-8"),
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
}
