package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A file of a guest, as the guest describes it; {@code openapi.yaml} describes the fields. */
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

    /** What was unpacked into a guest. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record CopyView(long files, long directories, long symlinks, long bytes) {}
}
