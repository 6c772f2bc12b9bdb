package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** What became of a disk, or of a workspace that an instance has a copy of. */
public final class WorkspaceViews {
    private WorkspaceViews() {}

    @Json
    public record WorkspaceDiff(String source, List<WorkspaceChange> changes) {}

    /** A file that the guest has added, changed or deleted. */
    @Json
    public record WorkspaceChange(
            String path,
            String change,
            int mode,
            @Nullable Integer modeBefore,
            long size,
            @Nullable String target,
            List<String> flags,
            @Nullable String before,
            @Nullable String after) {
        public static final String ADDED = "added";
        public static final String CHANGED = "changed";
        public static final String DELETED = "deleted";

        /** git would run it, or what it names. */
        public static final String HOOK = "hook";

        public static final String LINK = "link";
        public static final String EXECUTABLE = "executable";
        public static final String DIRECTORY = "directory";
        /** The host has another file there by now. */
        public static final String HOST_CHANGED = "host_changed";

        public static final String ATTRIBUTES = "attributes";
    }
}
