package dev.aegisvm.daemon.workspace;

import module java.base;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.host.Durable;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * What was copied into an instance as its workspace, and how each file and link was then. Beside the instance's disk,
 * where no guest can change it. It is there once all has been copied.
 */
public record CopiedTree(Path list) {
    private static final int PERMISSIONS = 0777;
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
            @Nullable String target) {
        static Entry of(String path, int mode, long size, Instant modified) {
            return new Entry(path, mode & PERMISSIONS, size, ChronoUnit.NANOS.between(Instant.EPOCH, modified), null);
        }

        static Entry of(String path, String target) {
            return new Entry(path, PERMISSIONS, 0, 0, target);
        }

        boolean hasContentOf(Entry other) {
            return size == other.size && modifiedNs == other.modifiedNs && Objects.equals(target, other.target);
        }
    }

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

    /** Notes what a guest has there now. */
    void write(Path source, GuestFiles guest, GuestPath root) throws IOException {
        Content content =
                new Content(source.toString(), List.copyOf(listing(guest, root).values()));
        Path draft = list.resolveSibling(list.getFileName() + ".unfinished");
        Files.write(draft, CONTENT.toJsonBytes(content));
        Durable.force(draft);
        Files.move(draft, list, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The files and links that a guest has below there, by their paths. */
    static Map<String, Entry> listing(GuestFiles guest, GuestPath root) throws IOException {
        Map<String, Entry> found = new TreeMap<>();
        FileTree.of(guest).below(root.value() + "/").forEach((path, stat) -> {
            switch (stat.kind()) {
                case FILE -> found.put(path, Entry.of(path, stat.mode(), stat.size(), stat.modified()));
                case SYMLINK -> found.put(path, Entry.of(path, stat.target().orElse("")));
                default -> {} // nothing that was copied
            }
        });
        return found;
    }
}
