package dev.aegisvm.daemon.workspace;

import module java.base;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.api.WorkspaceViews.WorkspaceChange;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.daemon.guest.GuestFiles;
import dev.aegisvm.daemon.workspace.CopiedTree.Entry;
import dev.aegisvm.host.HostModes;
import org.jspecify.annotations.Nullable;

/**
 * What a guest made of its copy of a workspace. The guest says what it has, and is not trusted: what may run on the
 * host, or lead somewhere on it, is marked. Of a repository itself ({@code .git}) only that is shown.
 */
public final class WorkspaceChanges {
    private static final int EXECUTABLE = 0111;
    /** What git itself runs, or reads what to run from. */
    private static final Pattern HOOK = Pattern.compile("(?:.*/)?\\.git/(?:hooks/.*|config(?:\\.worktree)?)");

    private static final Pattern REPOSITORY = Pattern.compile("(?:.*/)?\\.git/.*");

    private WorkspaceChanges() {}

    /**
     * Compares, by size, time and mode.
     *
     * @param root where the guest has its copy
     */
    public static WorkspaceDiff of(CopiedTree copied, GuestFiles guest, GuestPath root) throws IOException {
        CopiedTree.Content content = copied.read();
        Map<String, Entry> before = new HashMap<>();
        content.entries().forEach(entry -> before.put(entry.path(), entry));
        Map<String, Entry> now = CopiedTree.listing(guest, root);
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
