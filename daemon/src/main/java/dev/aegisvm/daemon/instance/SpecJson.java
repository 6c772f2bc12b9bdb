package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.Mounts.*;
import dev.aegisvm.gateway.intercept.BoundSecret;
import dev.aegisvm.gateway.policy.*;
import dev.aegisvm.host.ProcessIdentity;
import io.avaje.json.*;
import io.avaje.jsonb.*;

/**
 * The documents that the registry has of instances and snapshots. What users write as a word is that word. One of an
 * earlier daemon lacks what is newer.
 */
@Json.Import(ProcessIdentity.class)
public final class SpecJson {
    private SpecJson() {}

    public static Jsonb json() {
        return withWords(ApiJson.own());
    }

    /** For what comes from elsewhere: an unknown key is a mistake. */
    public static Jsonb strict() {
        return withWords(ApiJson.own().failOnUnknown(true));
    }

    private static Jsonb withWords(Jsonb.Builder json) {
        return json.add(Workspace.class, word(Workspace::parse, Workspace::text))
                .add(Volume.class, word(Volume::parse, Volume::text))
                .add(ExposedPort.class, word(ExposedPort::of, ExposedPort::text))
                .add(Mode.class, word(Mode::parse, Mode::word))
                .add(Rule.class, word(Rule::parse, Rule::word))
                .add(BoundSecret.class, word(SpecJson::secret, SpecJson::text))
                .add(IdleTimeout.class, word(text -> IdleTimeout.parse("idle", text), IdleTimeout::text))
                .build();
    }

    /** {@code KEY@HOST,HOST}, and its placeholders. */
    private static BoundSecret secret(String text) {
        List<String> words = List.of(text.split(" "));
        return BoundSecret.parse(words.getFirst(), words.subList(1, words.size()));
    }

    private static String text(BoundSecret secret) {
        return secret.word() + " " + String.join(" ", secret.placeholders());
    }

    private static <T> JsonAdapter<T> word(Function<String, T> reader, Function<T, String> writer) {
        return new Word<>(reader, writer).nullSafe();
    }

    private record Word<T>(Function<String, T> reader, Function<T, String> writer) implements JsonAdapter<T> {
        @Override
        public void toJson(JsonWriter json, T value) {
            json.value(writer.apply(value));
        }

        @Override
        public T fromJson(JsonReader json) {
            return reader.apply(json.readString());
        }
    }
}
