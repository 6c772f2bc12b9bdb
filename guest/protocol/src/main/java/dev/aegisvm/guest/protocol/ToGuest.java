package dev.aegisvm.guest.protocol;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a host makes. Each record is the {@code params} of one; PROTOCOL.md says what its components mean, and
 * what holds where one is absent, which is null here.
 *
 * @param <R> what the guest answers
 */
public sealed interface ToGuest<R extends FromGuest.Result> {
    default String method() {
        return switch (this) {
            case CheckHealth _ -> "health";
            case Mount _ -> "mount";
            case MountShares _ -> "share";
            case Identify _ -> "identify";
            case Clock _ -> "clock";
            case Start start -> start.execId() == null ? "run" : "exec";
            case Checkpoint _ -> "checkpoint";
            case Release _ -> "release";
            case Adopt _ -> "adopt";
            case Signal _ -> "signal";
            case Resize _ -> "resize";
            case Kill _ -> "kill";
            case Connect _ -> "connect";
            case Accept _ -> "accept";
            case Refuse _ -> "refuse";
            case Resolved _ -> "resolved";
            case ReadFile _ -> "file_read";
            case WriteFile _ -> "file_write";
            case ListDirectory _ -> "file_list";
            case StatFile _ -> "file_stat";
            case MakeDirectory _ -> "file_mkdir";
            case RenameFile _ -> "file_rename";
            case RemoveFile _ -> "file_remove";
            case Archive _ -> "file_archive";
            case Pack _ -> "file_pack";
            case Unpack _ -> "file_unpack";
            case Sync _ -> "sync";
            case Park _ -> "park";
            case Shutdown _ -> "shutdown";
        };
    }

    /** As what its answer is read. */
    @SuppressWarnings("unchecked") // each call says by its type what R is
    default Class<R> answer() {
        return (Class<R>)
                switch (this) {
                    case CheckHealth _ -> FromGuest.Health.class;
                    case Identify _ -> FromGuest.Identified.class;
                    case Start _, Adopt _ -> FromGuest.Started.class;
                    case Unpack _ -> FromGuest.Unpacked.class;
                    case AboutFile _ -> FromGuest.FileFacts.class;
                    case Simple _ -> FromGuest.Done.class;
                };
    }

    sealed interface Simple extends ToGuest<FromGuest.Done> {}

    sealed interface AboutFile extends ToGuest<FromGuest.FileFacts> {}

    record CheckHealth() implements ToGuest<FromGuest.Health> {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Mount(String root, String disk, long unixNs) implements Simple {}

    @Json
    record MountShares(String tag, List<MountShare> mounts) implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record MountShare(@Nullable String directory, String path, boolean readOnly) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Identify(
            String entropy,
            long unixNs,
            String hostname,
            String machineId,
            @Nullable Network network,
            boolean gateway) implements ToGuest<FromGuest.Identified> {}

    @Json
    record Network(@Json.Property("interface") String device, String address, String gateway, List<String> dns) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Clock(long unixNs) implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Start(
            @Nullable String execId,
            List<String> command,
            Map<String, String> env,
            @Nullable String cwd,
            @Nullable String user,
            @Nullable Tty tty,
            @Nullable String session,
            @Nullable Long stdin,
            @Nullable Long stdout,
            @Nullable Long stderr)
            implements ToGuest<FromGuest.Started> {}

    @Json
    record Tty(int rows, int cols) {}

    record Checkpoint() implements Simple {}

    record Release() implements Simple {}

    @Json
    record Adopt(@Nullable Long stdout, @Nullable Long stderr) implements ToGuest<FromGuest.Started> {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Signal(String execId, int signal) implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Resize(String execId, int rows, int cols) implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Kill(String execId) implements Simple {}

    @Json
    record Connect(long stream, int port) implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Accept(long dialId, long stream) implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Refuse(long dialId) implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Resolved(long queryId, String message) implements Simple {}

    @Json
    record ReadFile(
            String path,
            @Nullable String user,
            long stream,
            long offset,
            @Nullable Long length,
            @Nullable String part) implements AboutFile {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record WriteFile(
            String path,
            @Nullable String user,
            long stream,
            @Nullable Integer mode,
            @Nullable Long mtimeNs) implements AboutFile {}

    @Json
    record ListDirectory(
            String path,
            @Nullable String user,
            long stream,
            @Nullable String part) implements AboutFile {}

    @Json
    record StatFile(String path, @Nullable String user, boolean follow) implements AboutFile {}

    @Json
    record MakeDirectory(
            String path, @Nullable String user, @Nullable Integer mode, boolean deep) implements Simple {}

    @Json
    record RenameFile(String path, @Nullable String user, String to, boolean replace) implements Simple {}

    @Json
    record RemoveFile(String path, @Nullable String user, boolean deep) implements Simple {}

    @Json
    record Archive(String path, long stream, @Nullable String part, List<String> originals) implements AboutFile {}

    @Json
    record Pack(String path, @Nullable String user, long stream, String name) implements AboutFile {}

    @Json
    record Unpack(String path, @Nullable String user, long stream) implements ToGuest<FromGuest.Unpacked> {}

    @Json
    record Sync(@Nullable String path) implements Simple {}

    record Park() implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Shutdown(long graceMs) implements Simple {}
}
