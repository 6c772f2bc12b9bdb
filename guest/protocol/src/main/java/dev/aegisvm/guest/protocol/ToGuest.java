package dev.aegisvm.guest.protocol;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a host makes. Each record is the {@code params} of one, see PROTOCOL.md. Paths of files are absolute;
 * their user is a user of the guest, root when absent.
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

    /** Mounts block devices, by their names. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Mount(String root, String disk, long unixNs) implements Simple {}

    /** Mounts what the host shares by that tag. */
    @Json
    record MountShares(String tag, List<MountShare> mounts) implements Simple {
        public MountShares {
            mounts = List.copyOf(mounts);
        }
    }

    /**
     * A directory that the host shares, and the absolute path that it is mounted at.
     *
     * @param directory its name among several; null where it is the only one
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record MountShare(@Nullable String directory, String path, boolean readOnly) {}

    /**
     * Entropy is 64 bytes in base64, the clock is nanoseconds since 1970, the machine id 32 hex digits. The way out is
     * a network, or the gateway instead, or none.
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Identify(
            String entropy,
            long unixNs,
            String hostname,
            String machineId,
            @Nullable Network network,
            boolean gateway) implements ToGuest<FromGuest.Identified> {}

    /** The address has a prefix length, such as {@code 10.0.2.15/24}. */
    @Json
    record Network(@Json.Property("interface") String device, String address, String gateway, List<String> dns) {}

    /** Sets the wall clock, in nanoseconds since 1970. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Clock(long unixNs) implements Simple {}

    /**
     * Starts a process: the main one when there is no exec id. Streams are named by their id; stdin absent: /dev/null.
     *
     * @param session copies of the machine keep the process under this name, and connect with it instead of starting
     *     one
     */
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

    /** The machine is about to be copied: its processes stand still. */
    record Checkpoint() implements Simple {}

    /** It was copied, and goes on. */
    record Release() implements Simple {}

    /** Ends all processes of a copy except those with a session and the main one, which now writes to these streams. */
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

    /** Where a program of the guest dialled is connected: that connection is now the stream. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Accept(long dialId, long stream) implements Simple {}

    /** Resets the connection of a program that dialled. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Refuse(long dialId) implements Simple {}

    /** Answers a query by a DNS message in base64. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Resolved(long queryId, String message) implements Simple {}

    /**
     * Sends the content of a file on a stream.
     *
     * @param part {@code own} or {@code image}: of the two that the root is an overlay of; null: of the root
     */
    @Json
    record ReadFile(
            String path,
            @Nullable String user,
            long stream,
            long offset,
            @Nullable Long length,
            @Nullable String part) implements AboutFile {}

    /** Replaces the content of a file by what comes on a stream. Without a mode, it keeps that of the replaced file. */
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

    /** Makes a directory; deep: with its parents, and the directory may exist. */
    @Json
    record MakeDirectory(
            String path, @Nullable String user, @Nullable Integer mode, boolean deep) implements Simple {}

    @Json
    record RenameFile(String path, @Nullable String user, String to, boolean replace) implements Simple {}

    /** Removes a file; deep: a directory with its content. */
    @Json
    record RemoveFile(String path, @Nullable String user, boolean deep) implements Simple {}

    /**
     * Sends the guest's root as a tar stream.
     *
     * @param part as of {@link ReadFile}
     * @param originals files of which the image's are sent, if any
     */
    @Json
    record Archive(String path, long stream, @Nullable String part, List<String> originals) implements AboutFile {
        public Archive {
            originals = List.copyOf(originals);
        }
    }

    /** Sends a file or a tree as a tar stream, whose names begin with {@code name}; answered at the end. */
    @Json
    record Pack(String path, @Nullable String user, long stream, String name) implements AboutFile {}

    @Json
    record Unpack(String path, @Nullable String user, long stream) implements ToGuest<FromGuest.Unpacked> {}

    /** Writes what is in memory to the disks: to all, or to that which an absolute path is on. */
    @Json
    record Sync(@Nullable String path) implements Simple {}

    /** Makes the guest wait for the next host when this one hangs up; the last call of a session. */
    record Park() implements Simple {}

    /** Ends the guest; the main process gets the grace to end by itself. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Shutdown(long graceMs) implements Simple {}
}
