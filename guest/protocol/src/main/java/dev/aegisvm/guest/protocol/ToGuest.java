package dev.aegisvm.guest.protocol;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a host makes. Each record is the {@code params} of the one of its name; PROTOCOL.md says what its
 * components mean, and what holds where one is absent, which is null here.
 *
 * @param <R> what the guest answers
 */
public sealed interface ToGuest<R extends FromGuest.Result> {
    /** The names of the records in the words of the wire: {@code FileRead} is {@code file_read}. */
    ClassValue<String> NAMES = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> call) {
            return call.getSimpleName().replaceAll("(?<=.)(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
        }
    };

    default String method() {
        return this instanceof Exec process && process.execId() == null ? "run" : NAMES.get(getClass());
    }

    /** As what its answer is read. */
    @SuppressWarnings("unchecked") // each call says by its type what R is
    default Class<R> answer() {
        return (Class<R>)
                switch (this) {
                    case Health _ -> FromGuest.Health.class;
                    case Identify _ -> FromGuest.Identified.class;
                    case Exec _, Adopt _ -> FromGuest.Started.class;
                    case FileUnpack _ -> FromGuest.Unpacked.class;
                    case AboutFile _ -> FromGuest.FileFacts.class;
                    case Simple _ -> FromGuest.Done.class;
                };
    }

    sealed interface Simple extends ToGuest<FromGuest.Done> {}

    sealed interface AboutFile extends ToGuest<FromGuest.FileFacts> {}

    record Health() implements ToGuest<FromGuest.Health> {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Mount(String root, String disk, long unixNs) implements Simple {}

    @Json
    record Share(String tag, List<MountShare> mounts) implements Simple {}

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
    record Exec(
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
    record FileRead(
            String path,
            @Nullable String user,
            long stream,
            long offset,
            @Nullable Long length,
            @Nullable String part) implements AboutFile {}

    @Json
    record FileWrite(
            String path,
            @Nullable String user,
            long stream,
            @Nullable Integer mode) implements AboutFile {}

    @Json
    record FileList(
            String path,
            @Nullable String user,
            long stream,
            @Nullable String part) implements AboutFile {}

    @Json
    record FileStat(String path, @Nullable String user, boolean follow) implements AboutFile {}

    @Json
    record FileMkdir(
            String path, @Nullable String user, @Nullable Integer mode, boolean deep) implements Simple {}

    @Json
    record FileRename(String path, @Nullable String user, String to, boolean replace) implements Simple {}

    @Json
    record FileRemove(String path, @Nullable String user, boolean deep) implements Simple {}

    @Json
    record FileArchive(String path, long stream, @Nullable String part, List<String> originals) implements AboutFile {}

    @Json
    record FilePack(String path, @Nullable String user, long stream, String name) implements AboutFile {}

    @Json
    record FileUnpack(String path, @Nullable String user, long stream) implements ToGuest<FromGuest.Unpacked> {}

    @Json
    record Sync(@Nullable String path) implements Simple {}

    record Park() implements Simple {}

    @Json(naming = Json.Naming.LowerUnderscore)
    record Shutdown(long graceMs) implements Simple {}
}
