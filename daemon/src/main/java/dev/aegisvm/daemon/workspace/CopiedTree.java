package dev.aegisvm.daemon.workspace;

import module java.base;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * What was copied into an instance as its workspace, and how each file and link was then. Beside the instance's disk, where no
 * guest can change it. It is there once all has been copied.
 */
public record CopiedTree(Path list) {
    private static final JsonType<Content> CONTENT = Jsonb.instance().type(Content.class);

    /** @param source the directory that it was */
    @Json
    record Content(String source, List<Entry> entries) {}

    /**
     * A file, or a symbolic link where it has a target.
     *
     * @param path below the workspace
     * @param mode its permissions
     * @param size in bytes
     * @param modifiedNs when its content changed, in nanoseconds since 1970
     */
    @Json
    public record Entry(
            String path,
            int mode,
            long size,
            long modifiedNs,
            @Nullable String target) {}

    /** Of the instance that has this directory. */
    public static CopiedTree in(Path directory) {
        return new CopiedTree(directory.resolve("workspace.json"));
    }

    public boolean isThere() {
        return Files.exists(list);
    }

    Content read() throws IOException {
        try {
            return CONTENT.fromJson(Files.readString(list));
        } catch (JsonException damaged) {
            throw new IOException(list + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    void write(Content content) throws IOException {
        Path draft = list.resolveSibling(list.getFileName() + ".unfinished");
        try (FileChannel file = FileChannel.open(
                        draft,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(file)) {
            CONTENT.toJson(content, out);
            file.force(true);
        }
        Files.move(draft, list, StandardCopyOption.ATOMIC_MOVE);
    }
}
