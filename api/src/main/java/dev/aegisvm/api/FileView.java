package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file of a guest, as the guest describes it.
 *
 * @param name the last component of its path
 * @param type one of {@code file}, {@code directory}, {@code symlink}, {@code fifo}, {@code socket}, {@code
 *     character_device}, {@code block_device}
 * @param size in bytes; 0 for files of /proc
 * @param mode the permissions, setuid, setgid and sticky, as four octal digits
 * @param target where a symlink points
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record FileView(
        String name,
        String type,
        long size,
        String mode,
        long uid,
        long gid,
        Instant modifiedAt,
        @Nullable String target) {
    public static final String DIRECTORY = "directory";

    public boolean isDirectory() {
        return type.equals(DIRECTORY);
    }

    /** What was unpacked into a guest. Hard links count as files, which they are then; bytes are those of content. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record CopyView(long files, long directories, long symlinks, long bytes) {}
}
