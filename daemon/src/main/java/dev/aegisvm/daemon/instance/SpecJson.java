package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.IdleTimeout;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.Mounts.Volume;
import dev.aegisvm.daemon.instance.Mounts.Workspace;
import dev.aegisvm.gateway.intercept.BoundSecret;
import dev.aegisvm.gateway.policy.*;
import dev.aegisvm.host.ProcessIdentity;
import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;

/**
 * The documents that the registry has of instances and snapshots. Their keys are the components of records; what users
 * write as a word is that word. One of an earlier daemon lacks what is newer.
 */
@Json.Import(ProcessIdentity.class)
public final class SpecJson {
    private SpecJson() {}

    public static Jsonb json() {
        return ApiJson.own()
                .add(Workspace.class, new Word<>(Workspace::parse, Workspace::text).nullSafe())
                .add(Volume.class, new Word<>(Volume::parse, Volume::text).nullSafe())
                .add(ExposedPort.class, new Word<>(ExposedPort::of, ExposedPort::text).nullSafe())
                .add(Mode.class, new Word<>(Mode::parse, Mode::word).nullSafe())
                .add(Rule.class, new Word<>(RuleParser::parse, Rule::word).nullSafe())
                .add(BoundSecret.class, new Word<>(SpecJson::secret, SpecJson::text).nullSafe())
                .add(
                        IdleTimeout.class,
                        new Word<>(text -> IdleTimeout.parse("idle", text), IdleTimeout::text).nullSafe())
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
