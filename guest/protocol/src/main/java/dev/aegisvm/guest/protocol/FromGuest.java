package dev.aegisvm.guest.protocol;

import io.avaje.jsonb.Json;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a guest sends: answers to calls, and notifications. PROTOCOL.md says what their components mean. */
public sealed interface FromGuest {
    sealed interface Result extends FromGuest {}

    record Done() implements Result {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Health(int version, long uptimeMs, int processes, long cpuMs, long netBytes) implements Result {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Identified(int entropyBits) implements Result {}

    @Json
    record Started(long pid) implements Result {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record FileFacts(
            String type,
            long size,
            int mode,
            long uid,
            long gid,
            long mtimeNs,
            @Nullable String target) implements Result {}

    @Json
    record Unpacked(long files, long directories, long symlinks, long bytes) implements Result {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Exited(
            String execId,
            @Nullable Integer code,
            @Nullable Integer signal,
            @Nullable Boolean oom) implements FromGuest {}

    @Json
    record Ready(String version) implements FromGuest {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Dial(long dialId, String address, int port) implements FromGuest {
        public Dial {
            Objects.requireNonNull(address);
        }
    }

    @Json(naming = Json.Naming.LowerUnderscore)
    record Resolve(long queryId, String message) implements FromGuest {
        public Resolve {
            Objects.requireNonNull(message);
        }
    }
}
