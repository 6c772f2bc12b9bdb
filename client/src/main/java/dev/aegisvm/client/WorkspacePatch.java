package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.WorkspaceViews.*;
import dev.aegisvm.host.*;
import org.jspecify.annotations.Nullable;

/**
 * A patch for {@code git apply}, of what a guest made of its files: git compares two directories of our own, with what
 * was and what is. Names and content are the guest's: no link is followed, and nothing of git's own is in it.
 */
public final class WorkspacePatch implements Closeable {
    private static final String GUEST_ROOT = "/workspace/";
    private static final String COMPARE =
            "git diff --no-index --no-prefix --no-color --no-ext-diff --no-textconv --no-renames a b";
    /** What git counts the lines of a file as that is no text; then come both names. */
    private static final String UNCOUNTED = "-\t-\t";

    private static final String NONE = "/dev/null";
    private static final int EXECUTABLE = 0755;
    private static final int PLAIN = 0644;
    private static final int ANY_EXECUTE = 0111;
    /** Of two directories that differ. */
    private static final int DIFFERENT = 1;

    private final Path directory = Files.createTempDirectory("aegis-diff-");

    public WorkspacePatch() throws IOException {
        Files.createDirectory(directory.resolve("a"));
        Files.createDirectory(directory.resolve("b"));
    }

    /**
     * Adds both sides of what changed, as far as it may be in a patch: no hook of git's, and nothing that the host
     * changed as well. Links are made last, each before what could lead through it: none is followed. Gives what is
     * left out.
     *
     * @param files of the instance; null where the daemon has sent the texts
     * @param most bytes that are fetched
     */
    public Set<WorkspaceChange> add(WorkspaceDiff diff, @Nullable InstanceFiles files, long most) throws IOException {
        Set<WorkspaceChange> left = new LinkedHashSet<>();
        SortedMap<Path, Path> links = new TreeMap<>(Comparator.reverseOrder());
        long room = most;
        for (WorkspaceChange change : diff.changes()) {
            if (!fits(change, files == null, room)) {
                left.add(change);
            } else if (files == null) {
                add(change);
            } else {
                fetch(diff, change, files, links);
                room -= change.size();
            }
        }
        for (Map.Entry<Path, Path> link : links.entrySet()) {
            Files.createDirectories(link.getKey().resolveSibling(""));
            Files.createSymbolicLink(link.getKey(), link.getValue());
        }
        return left;
    }

    /** Of modes, git knows whether a file is executable. */
    private static boolean fits(WorkspaceChange change, boolean isSent, long room) {
        boolean same = change.flags().contains(WorkspaceChange.ATTRIBUTES);
        if (same && isExecutable(change.modeBefore(), change) == isExecutable(null, change)) {
            return false;
        }
        return isSent
                ? same || change.before() != null || change.after() != null
                : !change.flags().contains(WorkspaceChange.HOOK)
                        && !change.flags().contains(WorkspaceChange.HOST_CHANGED)
                        && change.size() <= room;
    }

    private static boolean isExecutable(@Nullable Integer mode, WorkspaceChange change) {
        return ((mode == null ? change.mode() : mode) & ANY_EXECUTE) != 0;
    }

    private void fetch(WorkspaceDiff diff, WorkspaceChange change, InstanceFiles files, Map<Path, Path> links)
            throws IOException {
        if (!change.change().equals(WorkspaceChange.ADDED)) {
            before(Path.of(diff.source(), change.path()), directory.resolve("a", change.path()), links);
        }
        String target = change.target();
        Path after = directory.resolve("b", change.path());
        if (change.change().equals(WorkspaceChange.DELETED)) {
            return;
        }
        if (target != null) {
            links.put(after, Path.of(target));
        } else {
            try (InputStream content = files.read(GUEST_ROOT + change.path(), 0, change.size())) {
                write(after, content, change.size(), isExecutable(null, change));
            }
        }
    }

    /** One that has come with its text, or whose text is the same: to git, no text then. */
    private void add(WorkspaceChange change) throws IOException {
        String place = change.path().substring(1);
        boolean same = change.flags().contains(WorkspaceChange.ATTRIBUTES);
        write(directory.resolve("a", place), same ? "" : change.before(), isExecutable(change.modeBefore(), change));
        write(directory.resolve("b", place), same ? "" : change.after(), isExecutable(null, change));
    }

    private static void write(Path at, @Nullable String text, boolean executable) throws IOException {
        if (text != null) {
            write(at, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), Long.MAX_VALUE, executable);
        }
    }

    private static void before(Path source, Path place, Map<Path, Path> links) throws IOException {
        if (Files.isSymbolicLink(source)) {
            links.put(place, Files.readSymbolicLink(source));
            return;
        }
        try (InputStream content = Files.newInputStream(source, LinkOption.NOFOLLOW_LINKS)) {
            write(place, content, Long.MAX_VALUE, Files.isExecutable(source));
        }
    }

    private static void write(Path at, InputStream content, long most, boolean executable) throws IOException {
        var mode = PosixFilePermissions.asFileAttribute(HostModes.of(executable ? EXECUTABLE : PLAIN));
        Files.createDirectories(at.resolveSibling(""));
        Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel out = FileChannel.open(at, fresh, mode)) {
            out.transferFrom(Channels.newChannel(content), 0, most);
        }
    }

    /** Writes the patch, with binary files. */
    public void write(OutputStream out) throws IOException {
        compare("--binary", out);
    }

    /** Leaves out what is no text: git could apply no patch that only names it. Gives the paths. */
    public List<String> leaveOutBinaries() throws IOException {
        ByteArrayOutputStream counts = new ByteArrayOutputStream();
        compare("--numstat -z", counts);
        List<String> left = new ArrayList<>();
        String[] parts = counts.toString(StandardCharsets.UTF_8).split("\0", -1);
        for (int at = 0; at + 2 < parts.length; at += 3) {
            if (parts[at].equals(UNCOUNTED)) {
                List<String> names = Stream.of(parts[at + 1], parts[at + 2])
                        .filter(name -> !name.equals(NONE))
                        .toList();
                for (String name : names) {
                    Files.deleteIfExists(directory.resolve(name));
                }
                left.add(names.getFirst().substring(2));
            }
        }
        return left;
    }

    /** No git setting of the user or the files changes what it does. */
    private void compare(String form, OutputStream out) throws IOException {
        ProcessBuilder git = new ProcessBuilder((COMPARE + " " + form).split(" ", -1))
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        git.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        git.environment().put("GIT_CONFIG_GLOBAL", NONE);
        git.environment().put("GIT_CEILING_DIRECTORIES", String.valueOf(directory.getParent()));
        Process process;
        try {
            process = git.start();
        } catch (IOException none) {
            throw ErrorCode.UNSUPPORTED.refusal(
                    "a patch is made by git, which is not on this host", "install it: apt-get install git", none);
        }
        // Closed, it ends git, also when what it writes has no place.
        try (InputStream patch = process.getInputStream()) {
            patch.transferTo(out);
        }
        int status = process.onExit().join().exitValue();
        if (status > DIFFERENT) {
            throw new IOException("git diff failed with exit code " + status);
        }
    }

    @Override
    public void close() throws IOException {
        PrivateDirectory.remove(directory);
    }
}
