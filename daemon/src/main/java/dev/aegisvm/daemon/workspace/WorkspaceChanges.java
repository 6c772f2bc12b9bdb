package dev.aegisvm.daemon.workspace;

import module java.base;
import dev.aegisvm.api.WorkspaceViews.WorkspaceChange;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import dev.aegisvm.daemon.workspace.CopiedTree.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What a guest made of its copy of a workspace. The guest says what it has, and is not trusted: what may run on the host, or
 * lead somewhere on it, is marked. Of a repository itself ({@code .git}) only that is shown.
 */
public final class WorkspaceChanges {
    private static final int DEEPEST = 256;
    private static final int MOST = 1_000_000;
    private static final int PERMISSIONS = 0777;
    private static final int EXECUTABLE = 0111;
    /** What git itself runs, or reads what to run from. */
    private static final Pattern HOOK = Pattern.compile("(?:.*/)?\\.git/(?:hooks/.*|config(?:\\.worktree)?)");

    private static final Pattern REPOSITORY = Pattern.compile("(?:.*/)?\\.git/.*");

    private final GuestFiles guest;
    private final String root;
    private final Path source;
    private final Map<String, Entry> before;
    private final List<WorkspaceChange> changes = new ArrayList<>();
    private int seen;

    private WorkspaceChanges(GuestFiles guest, String root, Path source, Map<String, Entry> before) {
        this.guest = guest;
        this.root = root;
        this.source = source;
        this.before = before;
    }

    /**
     * Compares, by size, time and mode.
     *
     * @param root where the guest has its copy
     */
    public static WorkspaceDiff of(CopiedTree copied, GuestFiles guest, String root) throws IOException {
        CopiedTree.Content content = copied.read();
        Map<String, Entry> before = new HashMap<>();
        content.entries().forEach(entry -> before.put(entry.path(), entry));
        WorkspaceChanges compared = new WorkspaceChanges(guest, root, Path.of(content.source()), before);
        compared.directory("", 0);
        for (Entry gone : List.copyOf(compared.before.values())) {
            compared.add(WorkspaceChange.DELETED, gone, gone);
        }
        compared.changes.sort(Comparator.comparing(WorkspaceChange::path));
        return new WorkspaceDiff(compared.source.toString(), compared.changes);
    }

    private void directory(String prefix, int depth) throws IOException {
        List<FileEntry> entries = new ArrayList<>();
        try (FileListing listing = guest.list(root + "/" + prefix)) {
            for (Optional<FileEntry> next = listing.next(); next.isPresent(); next = listing.next()) {
                entries.add(next.get());
                if (++seen > MOST || depth > DEEPEST) {
                    throw FileFailure.because(FileFailure.Reason.TOO_LARGE_A_TREE, "compare " + root);
                }
            }
        }
        for (FileEntry entry : entries) {
            String path = prefix + entry.name();
            FileStat stat = entry.stat();
            if (stat.kind() == FileKind.DIRECTORY) {
                directory(path + "/", depth + 1);
            } else if (stat.kind() == FileKind.FILE || stat.kind() == FileKind.SYMLINK) {
                compare(path, entry(path, stat));
            }
        }
    }

    private static Entry entry(String path, FileStat stat) {
        return stat.kind() == FileKind.SYMLINK
                ? new Entry(path, PERMISSIONS, 0, 0, stat.target().orElse(""))
                : new Entry(
                        path,
                        stat.mode() & PERMISSIONS,
                        stat.size(),
                        ChronoUnit.NANOS.between(Instant.EPOCH, stat.modified()),
                        null);
    }

    private void compare(String path, Entry now) {
        Entry old = before.remove(path);
        if (old == null) {
            add(WorkspaceChange.ADDED, now, null);
        } else if (!now.equals(old)) {
            add(WorkspaceChange.CHANGED, now, old);
        }
    }

    private void add(String change, Entry entry, @Nullable Entry old) {
        boolean hook = HOOK.matcher(entry.path()).matches();
        if (!hook && REPOSITORY.matcher(entry.path()).matches()) {
            return;
        }
        List<String> flags = new ArrayList<>();
        boolean deleted = change.equals(WorkspaceChange.DELETED);
        flag(flags, WorkspaceChange.HOOK, hook);
        flag(flags, WorkspaceChange.LINK, !deleted && entry.target() != null);
        boolean mayRun = entry.target() == null && (entry.mode() & EXECUTABLE) != 0;
        flag(flags, WorkspaceChange.EXECUTABLE, !deleted && mayRun);
        flag(flags, WorkspaceChange.HOST_CHANGED, !isOnHost(entry.path(), old));
        changes.add(new WorkspaceChange(entry.path(), change, entry.mode(), entry.size(), entry.target(), flags));
    }

    private static void flag(List<String> flags, String flag, boolean set) {
        if (set) {
            flags.add(flag);
        }
    }

    /** Whether the host still has what was copied, or nothing where nothing was. */
    private boolean isOnHost(String path, @Nullable Entry old) {
        try {
            Path file = source.resolve(path);
            PosixFileAttributes found =
                    Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isSymbolicLink()) {
                return old != null && Files.readSymbolicLink(file).toString().equals(old.target());
            }
            return WorkspaceCopy.entry(path, found).equals(old);
        } catch (IOException | InvalidPathException none) {
            return old == null;
        }
    }
}
