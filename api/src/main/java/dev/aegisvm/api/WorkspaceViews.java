package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** What became of a workspace that an instance has a copy of. */
public final class WorkspaceViews {
    private WorkspaceViews() {}

    /**
     * The differences.
     *
     * @param source the directory of the host that was copied
     * @param changes by their paths
     */
    @Json
    public record WorkspaceDiff(String source, List<WorkspaceChange> changes) {
        public WorkspaceDiff {
            changes = Absent.orEmpty(changes);
        }
    }

    /**
     * A file or symbolic link that the guest has added, changed or deleted.
     *
     * @param path below the workspace; the guest's words
     * @param change {@link #ADDED}, {@link #CHANGED} or {@link #DELETED}
     * @param mode its permissions
     * @param size in bytes
     * @param target of a symbolic link
     * @param flags what to look at first: {@link #HOOK}, {@link #LINK}, {@link #EXECUTABLE}, {@link #HOST_CHANGED}
     */
    @Json
    public record WorkspaceChange(
            String path,
            String change,
            int mode,
            long size,
            @Nullable String target,
            List<String> flags) {
        public static final String ADDED = "added";
        public static final String CHANGED = "changed";
        public static final String DELETED = "deleted";

        /** git would run it, or what it names. */
        public static final String HOOK = "hook";

        public static final String LINK = "link";
        public static final String EXECUTABLE = "executable";
        /** The host has another file there by now. */
        public static final String HOST_CHANGED = "host_changed";

        public WorkspaceChange {
            flags = Absent.orEmpty(flags);
        }
    }
}
