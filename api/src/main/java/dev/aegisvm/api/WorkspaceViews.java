package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** What became of a disk, or of a workspace that an instance has a copy of. */
public final class WorkspaceViews {
    private WorkspaceViews() {}

    /**
     * The differences.
     *
     * @param source what it is compared with: the directory of the host that was copied, an image, a snapshot
     * @param changes by their paths
     */
    @Json
    public record WorkspaceDiff(String source, List<WorkspaceChange> changes) {
        public WorkspaceDiff {
            changes = Absent.orEmpty(changes);
        }
    }

    /**
     * A file that the guest has added, changed or deleted.
     *
     * @param path below the workspace, or absolute; the guest's words
     * @param change {@link #ADDED}, {@link #CHANGED} or {@link #DELETED}
     * @param mode its permissions
     * @param modeBefore what they were, where they changed
     * @param size in bytes
     * @param target of a symbolic link
     * @param flags what to look at first: {@link #HOOK}, {@link #LINK}, {@link #EXECUTABLE}, {@link #HOST_CHANGED},
     *     {@link #DIRECTORY}, {@link #ATTRIBUTES}
     * @param before its text then, where texts were asked for and all of this file is short text
     * @param after its text now
     */
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
        /** Its content is the same; its mode or its owner changed. */
        public static final String ATTRIBUTES = "attributes";

        public WorkspaceChange {
            flags = Absent.orEmpty(flags);
        }
    }
}
