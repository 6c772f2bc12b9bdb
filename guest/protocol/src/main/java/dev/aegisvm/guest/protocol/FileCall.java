package dev.aegisvm.guest.protocol;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The calls about files of the guest. Paths are absolute; the user is a user of the guest, root when absent.
 *
 * @param <R> what the guest answers
 */
public sealed interface FileCall<R extends FromGuest.Result> extends ToGuest<R> {
    String path();

    /** A call that is answered by an empty object. */
    sealed interface Simple extends FileCall<FromGuest.Done> {
        @Override
        default Class<FromGuest.Done> answer() {
            return FromGuest.Done.class;
        }
    }

    /** A call that is answered by the facts of a file. */
    sealed interface Telling extends FileCall<FromGuest.FileFacts> {
        @Override
        default Class<FromGuest.FileFacts> answer() {
            return FromGuest.FileFacts.class;
        }
    }

    /** Has the content sent on a stream. */
    @Json
    record Read(
            String path,
            @Nullable String user,
            long stream,
            long offset,
            @Nullable Long length) implements Telling {
        @Override
        public String method() {
            return "file_read";
        }
    }

    /** Makes what is sent on a stream the content; the mode absent: that of the file that is replaced. */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Write(
            String path,
            @Nullable String user,
            long stream,
            @Nullable Integer mode,
            @Nullable Long mtimeNs) implements Telling {
        @Override
        public String method() {
            return "file_write";
        }
    }

    /** Has the entries of a directory sent on a stream. */
    @Json
    record ListEntries(String path, @Nullable String user, long stream) implements Telling {
        @Override
        public String method() {
            return "file_list";
        }
    }

    /** Asks what is there. */
    @Json
    record Stat(String path, @Nullable String user, boolean follow) implements Telling {
        @Override
        public String method() {
            return "file_stat";
        }
    }

    /** Makes a directory; deep: with its parents, and it may exist. */
    @Json
    record MakeDirectory(
            String path, @Nullable String user, @Nullable Integer mode, boolean deep) implements Simple {
        @Override
        public String method() {
            return "file_mkdir";
        }
    }

    /** Moves within a file system. */
    @Json
    record Rename(String path, @Nullable String user, String to, boolean replace) implements Simple {
        @Override
        public String method() {
            return "file_rename";
        }
    }

    /** Removes; deep: a directory with all that is in it. */
    @Json
    record Remove(String path, @Nullable String user, boolean deep) implements Simple {
        @Override
        public String method() {
            return "file_remove";
        }
    }

    /** Makes a symlink that says {@code to}. */
    @Json
    record MakeSymlink(String path, @Nullable String user, String to) implements Simple {
        @Override
        public String method() {
            return "file_symlink";
        }
    }
}
