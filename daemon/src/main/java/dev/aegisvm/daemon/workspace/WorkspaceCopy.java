package dev.aegisvm.daemon.workspace;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.daemon.workspace.CopiedTree.Entry;
import dev.aegisvm.host.*;

/**
 * Copies a tree of this host into a guest, as it is: files, directories and symbolic links with their modes and times. Sockets,
 * FIFOs and devices are left out. No link is followed.
 */
public final class WorkspaceCopy {
    private static final String LIST_FILES = "-c core.fsmonitor=false ls-files -z --cached --others --exclude-standard";
    private static final Duration SYNC_LIMIT = Duration.ofMinutes(2);
    private static final int DEEPEST = 256;
    private static final int PERMISSIONS = 0777;
    /** Else nothing could be put into it. */
    private static final int OWNER_CAN_WRITE = 0300;
    /** A guest works on 64 at a time; some are for others. */
    private static final int AT_A_TIME = 16;

    private final GuestFiles guest;
    private final String into;
    private final List<Entry> entries = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore writing = new Semaphore(AT_A_TIME);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** How much it was. */
    public record Copied(long files, long bytes) {}

    private WorkspaceCopy(GuestFiles guest, String into) {
        this.guest = guest;
        this.into = into;
    }

    /**
     * Copies, in the place of what is there.
     *
     * @param onlyGit what git tracks, and what is new and not ignored
     * @param into a path of the guest
     * @param written notes what was copied, once it is on the guest's disk
     */
    public static Copied copy(Path source, boolean onlyGit, GuestSession session, String into, CopiedTree written)
            throws IOException {
        GuestFiles guest = session.files(Optional.empty());
        Predicate<String> wanted = onlyGit ? knownToGit(source) : _ -> true;
        removeOld(guest, into);
        guest.makeDirectory(into, OptionalInt.empty(), true);
        WorkspaceCopy copy = new WorkspaceCopy(guest, into);
        try (HostDirectory root = HostDirectory.open(source)) {
            copy.directory(root, "", 0, wanted);
            copy.writing.acquireUninterruptibly(AT_A_TIME);
        }
        copy.throwFailure();
        session.sync(into, SYNC_LIMIT);
        written.write(new CopiedTree.Content(source.toString(), copy.entries));
        return new Copied(
                copy.entries.size(),
                copy.entries.stream().mapToLong(Entry::size).sum());
    }

    private static void removeOld(GuestFiles guest, String into) throws IOException {
        try {
            guest.remove(into, true);
        } catch (FileFailure none) {
            if (none.reason() != FileFailure.Reason.NOT_FOUND) {
                throw none;
            }
        }
    }

    /** Those files, and the directories that lead to them. */
    private static Predicate<String> knownToGit(Path source) throws IOException {
        List<String> command = new ArrayList<>(List.of("git", "-C", source.toString()));
        command.addAll(List.of(LIST_FILES.split(" ", -1)));
        String names = Program.run(command);
        Set<String> known = new HashSet<>();
        for (String name : names.split("\0", -1)) {
            for (String each = name; !each.isEmpty() && known.add(each); ) {
                each = each.substring(0, Math.max(0, each.lastIndexOf('/')));
            }
        }
        return known::contains;
    }

    private void directory(HostDirectory directory, String prefix, int depth, Predicate<String> wanted)
            throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("the directory " + prefix + " of the workspace is too deep to be copied");
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory.at("."))) {
            all.forEach(each -> names.add(each.getFileName().toString()));
        }
        Collections.sort(names);
        for (String name : names) {
            if (wanted.test(prefix + name)) {
                entry(directory, name, prefix + name, depth, wanted);
            }
        }
    }

    private void entry(HostDirectory directory, String name, String path, int depth, Predicate<String> wanted)
            throws IOException {
        throwFailure();
        PosixFileAttributes found = attributes(directory.at(name), path);
        if (found.isDirectory()) {
            guest.makeDirectory(
                    place(path), OptionalInt.of(HostModes.bits(found.permissions()) | OWNER_CAN_WRITE), true);
            try (HostDirectory below = directory.enter(name)) {
                directory(below, path + "/", depth + 1, wanted);
            }
        } else if (found.isSymbolicLink()) {
            String target = Files.readSymbolicLink(directory.at(name)).toString();
            guest.makeSymlink(place(path), target);
            entries.add(new Entry(path, PERMISSIONS, 0, 0, target));
        } else if (found.isRegularFile()) {
            FileChannel content =
                    FileChannel.open(directory.at(name), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
            file(content, entry(path, found));
        }
    }

    private static PosixFileAttributes attributes(Path file, String path) throws IOException {
        if (path.indexOf('\uFFFD') >= 0) {
            throw new IOException("the name " + path + " in the workspace is not UTF-8: rename it");
        }
        return Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** What a file of the host is. */
    static Entry entry(String path, PosixFileAttributes found) {
        return new Entry(
                path,
                HostModes.bits(found.permissions()),
                found.size(),
                found.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                null);
    }

    private String place(String path) {
        return into + "/" + path;
    }

    /** Several at a time, since each waits for the guest. */
    private void file(FileChannel content, Entry entry) {
        writing.acquireUninterruptibly();
        Runnable copying = () -> {
            try (content) {
                write(content, entry);
            } catch (IOException obstacle) {
                failure.compareAndSet(null, obstacle);
            } finally {
                writing.release();
            }
        };
        Task.start("workspace", copying, bug -> failure.compareAndSet(null, bug));
    }

    private void write(FileChannel content, Entry entry) throws IOException {
        Instant modified = Instant.EPOCH.plusNanos(entry.modifiedNs());
        try (FileReplacement file =
                guest.write(place(entry.path()), OptionalInt.of(entry.mode()), Optional.of(modified))) {
            long count = Channels.newInputStream(content).transferTo(file.out());
            var _ = file.finish();
            // It may have grown since it was looked at.
            entries.add(new Entry(entry.path(), entry.mode(), count, entry.modifiedNs(), null));
        }
    }

    private void throwFailure() throws IOException {
        Throwable obstacle = failure.get();
        if (obstacle != null) {
            throw new IOException(obstacle.getMessage(), obstacle);
        }
    }
}
