package dev.aegisvm.daemon.workspace;

import module java.base;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * What was copied into an instance as its workspace: a line for the directory that it was, and one for each file and link as it
 * was then. Beside the instance's disk, where no guest can change it. It is there once all has been copied.
 */
public record CopiedTree(Path list) {
    private static final String NAME = "workspace.list";
    private static final JsonType<Entry> ENTRY = Jsonb.instance().type(Entry.class);
    private static final JsonType<String> SOURCE = Jsonb.instance().type(String.class);

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
        return new CopiedTree(directory.resolve(NAME));
    }

    public boolean isThere() {
        return Files.exists(list);
    }

    /** The directory that it was. */
    public Path source() throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(list)) {
            return Path.of(SOURCE.fromJson(String.valueOf(lines.readLine())));
        } catch (JsonException damaged) {
            throw new IOException(list + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    /** By their paths. */
    Map<String, Entry> entries() throws IOException {
        Map<String, Entry> entries = new HashMap<>();
        try (Stream<String> lines = Files.lines(list)) {
            lines.skip(1).map(ENTRY::fromJson).forEach(entry -> entries.put(entry.path(), entry));
            return entries;
        } catch (JsonException | UncheckedIOException damaged) {
            throw new IOException(list + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    Draft begin(Path source) throws IOException {
        Path draft = list.resolveSibling(NAME + ".unfinished");
        Draft begun = new Draft(draft, list, Files.newBufferedWriter(draft));
        begun.line(SOURCE.toJson(source.toString()));
        return begun;
    }

    /** It takes its place in {@link #finish}. */
    record Draft(Path draft, Path list, BufferedWriter lines) implements Closeable {
        synchronized void add(Entry entry) throws IOException {
            line(ENTRY.toJson(entry));
        }

        private void line(String json) throws IOException {
            lines.write(json + "\n");
        }

        void finish() throws IOException {
            lines.close();
            try (FileChannel file = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                file.force(true);
            }
            Files.move(draft, list, StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() throws IOException {
            lines.close();
            Files.deleteIfExists(draft);
        }
    }
}
