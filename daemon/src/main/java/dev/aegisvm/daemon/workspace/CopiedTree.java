package dev.aegisvm.daemon.workspace;

import module java.base;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.api.WorkspaceViews.*;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.host.*;
import io.avaje.json.JsonException;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/**
 * What was copied into an instance as its workspace, and how each file and link was then. It is there once all has been
 * copied, beside the instance's disk, where no guest can change it.
 */
public record CopiedTree(Path list) {
    private static final int PERMISSIONS = 0777;
    private static final int EXECUTABLE = 0111;
    /** What git itself runs, or reads what to run from. */
    private static final Pattern HOOK = Pattern.compile("(?:.*/)?\\.git/(?:hooks/.*|config(?:\\.worktree)?)");

    private static final Pattern REPOSITORY = Pattern.compile("(?:.*/)?\\.git/.*");

    private static final JsonType<Content> CONTENT = Jsonb.instance().type(Content.class);

    /** @param source the directory that it was */
    @Json
    record Content(String source, List<Entry> entries) {}

    /**
     * A file, or a symbolic link where it has a target.
     *
     * @param path below the workspace
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

    public static CopiedTree in(Path directory) {
        return new CopiedTree(directory.resolve("workspace.json"));
    }

    public boolean isThere() {
        return Files.exists(list);
    }

    private Content read() throws IOException {
        try {
            return CONTENT.fromJson(Files.readString(list));
        } catch (JsonException damaged) {
            throw new IOException(list + " is damaged: " + damaged.getMessage(), damaged);
        }
    }

    void write(Path source, GuestFiles guest, GuestPath root) throws IOException {
        Content content =
                new Content(source.toString(), List.copyOf(listing(guest, root).values()));
        Draft.write(list, out -> CONTENT.toJson(content, out));
    }

    /** The files and links that a guest has below there, by their paths. */
    private static Map<String, Entry> listing(GuestFiles guest, GuestPath root) throws IOException {
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

    /**
     * What the guest made of its copy, by its own word: what may run on the host, or lead somewhere on it, is marked.
     * Of a repository itself ({@code .git}) only that is shown.
     */
    public WorkspaceDiff changes(GuestFiles guest, GuestPath root) throws IOException {
        Content content = read();
        Map<String, Entry> before = new HashMap<>();
        content.entries().forEach(entry -> before.put(entry.path(), entry));
        Map<String, Entry> now = listing(guest, root);
        SortedSet<String> paths = new TreeSet<>(before.keySet());
        paths.addAll(now.keySet());
        List<WorkspaceChange> changes = new ArrayList<>();
        for (String path : paths) {
            Entry old = before.get(path);
            Entry present = now.get(path);
            if (!Objects.equals(old, present)
                    && (isHook(path) || !REPOSITORY.matcher(path).matches())) {
                boolean hostChanged = !isOnHost(Path.of(content.source()), path, old);
                changes.add(change(old, present, hostChanged));
            }
        }
        return new WorkspaceDiff(content.source(), changes);
    }

    private static boolean isHook(String path) {
        return HOOK.matcher(path).matches();
    }

    /** One of the two is there at least. */
    private static WorkspaceChange change(@Nullable Entry old, @Nullable Entry present, boolean hostChanged) {
        String what = WorkspaceChange.CHANGED;
        Entry entry = Objects.requireNonNullElseGet(present, () -> Objects.requireNonNull(old));
        if (old == null || present == null) {
            what = old == null ? WorkspaceChange.ADDED : WorkspaceChange.DELETED;
        }
        boolean isLink = entry.target() != null;
        List<String> flags = new ArrayList<>();
        flag(flags, WorkspaceChange.HOOK, isHook(entry.path()));
        flag(flags, WorkspaceChange.LINK, present != null && isLink);
        flag(flags, WorkspaceChange.EXECUTABLE, present != null && !isLink && (entry.mode() & EXECUTABLE) != 0);
        flag(flags, WorkspaceChange.HOST_CHANGED, hostChanged);
        Integer modeBefore = old == null || old.mode() == entry.mode() ? null : old.mode();
        flag(flags, WorkspaceChange.ATTRIBUTES, old != null && modeBefore != null && entry.hasContentOf(old));
        return new WorkspaceChange(
                entry.path(), what, entry.mode(), modeBefore, entry.size(), entry.target(), flags, null, null);
    }

    private static void flag(List<String> flags, String flag, boolean set) {
        if (set) {
            flags.add(flag);
        }
    }

    /** Whether the host still has what was copied, or nothing where nothing was. */
    private static boolean isOnHost(Path source, String path, @Nullable Entry old) {
        try {
            Path file = source.resolve(path);
            PosixFileAttributes found =
                    Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Entry there = found.isSymbolicLink()
                    ? Entry.of(path, Files.readSymbolicLink(file).toString())
                    : Entry.of(
                            path,
                            HostModes.of(found.permissions()),
                            found.size(),
                            found.lastModifiedTime().toInstant());
            return there.equals(old);
        } catch (IOException | InvalidPathException none) {
            return old == null;
        }
    }
}
