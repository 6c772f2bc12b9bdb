package dev.aegisvm.guest.protocol;

import io.avaje.jsonb.Json;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a guest sends: answers to calls, and notifications. */
public sealed interface FromGuest {
    sealed interface Result extends FromGuest {}

    sealed interface Notification extends FromGuest {}

    record Done() implements Result {}

    /** The {@code version} is the channel's; times and bytes are since the guest's boot, of all its processes. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Health(int version, long uptimeMs, int processes, long cpuMs, long netBytes) implements Result {}

    /** How much entropy the guest's kernel credited. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Identified(int entropyBits) implements Result {}

    /** The process was executed; its id is the guest's. */
    @Json
    record Started(long pid) implements Result {}

    /**
     * The facts of a file: a letter as {@code ls -l} shows its type, the lower twelve bits of its mode, when its
     * content changed in nanoseconds since 1970, and where it points when it is a symlink.
     */
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

    /** A process was reaped: it has either a code of 0..255 or the signal that ended it. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Exited(
            String execId,
            @Nullable Integer code,
            @Nullable Integer signal,
            @Nullable Boolean oom) implements Notification {}

    @Json
    record Ready(String version) implements Notification {}

    /** A guest's program wants a connection to an address and a port; it waits for the answer. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Dial(long dialId, String address, int port) implements Notification {
        public Dial {
            Objects.requireNonNull(address);
        }
    }

    /** A program of the guest asks a name server by UDP: a DNS message in base64. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Resolve(long queryId, String message) implements Notification {
        public Resolve {
            Objects.requireNonNull(message);
        }
    }
}
