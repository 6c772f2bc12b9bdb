package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.api.WorkspaceViews.WorkspaceChange;
import dev.aegisvm.api.WorkspaceViews.WorkspaceDiff;
import dev.aegisvm.client.InstanceFiles;
import dev.aegisvm.host.HostDirectory;
import dev.aegisvm.host.HostModes;
import dev.aegisvm.host.PrivateDirectory;

/**
 * A patch for {@code git apply}, of what a guest made of its copy of a workspace: git compares two directories of our own, with what
 * was and what is. Names and content are the guest's: no link is followed, and nothing of git's own is in it.
 */
final class WorkspacePatch implements Closeable {
    private static final String GUEST_ROOT = "/workspace/";
    private static final String COMPARE =
            "git diff --no-index --no-prefix --binary --no-color --no-ext-diff --no-textconv" + " --no-renames a b";
    private static final int EXECUTABLE = 0755;
    private static final int PLAIN = 0644;
    private static final int ANY_EXECUTE = 0111;
    /** Of two directories that differ. */
    private static final int DIFFERENT = 1;

    private final Path directory;
    private final HostDirectory before;
    private final HostDirectory after;

    WorkspacePatch() throws IOException {
        directory = Files.createTempDirectory("aegis-diff-");
        before = HostDirectory.open(Files.createDirectory(directory.resolve("a")));
        after = HostDirectory.open(Files.createDirectory(directory.resolve("b")));
    }

    /** Fetches both sides of a change. */
    void add(WorkspaceDiff diff, WorkspaceChange change, InstanceFiles files) throws IOException {
        if (!change.change().equals(WorkspaceChange.ADDED)) {
            Path source = Path.of(diff.source()).resolve(change.path());
            PosixFileAttributes found =
                    Files.readAttributes(source, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isSymbolicLink()) {
                put(before, change.path(), at -> Files.createSymbolicLink(at, Files.readSymbolicLink(source)));
            } else {
                boolean executable = found.permissions().contains(PosixFilePermission.OWNER_EXECUTE);
                try (InputStream content = Files.newInputStream(source, LinkOption.NOFOLLOW_LINKS)) {
                    put(before, change.path(), at -> write(at, content, executable));
                }
            }
        }
        String target = change.target();
        if (change.change().equals(WorkspaceChange.DELETED)) {
            return;
        }
        if (target != null) {
            put(after, change.path(), at -> Files.createSymbolicLink(at, Path.of(target)));
            return;
        }
        try (InputStream content = files.read(GUEST_ROOT + change.path(), 0, Long.MAX_VALUE)) {
            put(after, change.path(), at -> write(at, content, (change.mode() & ANY_EXECUTE) != 0));
        }
    }

    private interface Maker {
        void make(Path at) throws IOException;
    }

    /** One step after the other, each a directory of ours: what the guest has sent before leads nowhere else. */
    private static void put(HostDirectory root, String path, Maker maker) throws IOException {
        int slash = path.indexOf('/');
        if (slash < 0) {
            maker.make(root.at(path));
            return;
        }
        try (HostDirectory next = root.make(path.substring(0, slash), HostModes.of(0700))) {
            put(next, path.substring(slash + 1), maker);
        }
    }

    private static void write(Path at, InputStream content, boolean executable) throws IOException {
        var mode = PosixFilePermissions.asFileAttribute(HostModes.of(executable ? EXECUTABLE : PLAIN));
        Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (OutputStream out = Channels.newOutputStream(Files.newByteChannel(at, fresh, mode))) {
            content.transferTo(out);
        }
    }

    /** Writes the patch. No setting of the user's or of the files' changes how it is made. */
    void write(OutputStream out) throws IOException {
        ProcessBuilder git = new ProcessBuilder(COMPARE.split(" ", -1))
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        git.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        git.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        git.environment().put("GIT_CEILING_DIRECTORIES", String.valueOf(directory.getParent()));
        Process process = git.start();
        process.getInputStream().transferTo(out);
        try {
            int status = process.waitFor();
            if (status > DIFFERENT) {
                throw new IOException("git diff failed with exit code " + status);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("ended while git compared");
        }
    }

    @Override
    public void close() throws IOException {
        before.close();
        after.close();
        PrivateDirectory.remove(directory);
    }
}
