package dev.aegisvm.daemon.workspace;

import module java.base;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.host.*;

/**
 * Copies a tree of this host into a guest, as it is: files, directories and symbolic links with their modes and times.
 * Sockets, FIFOs and devices are left out. No link is followed.
 */
public final class WorkspaceCopy {
    private static final Duration PROGRESS = Duration.ofSeconds(2);
    private static final Duration SYNC_LIMIT = Duration.ofMinutes(2);
    private static final int PIECE = 64 * 1024;
    /** What {@code tar} says when a file changed while it was read. */
    private static final int CHANGED = 1;

    private final Path source;
    private final boolean onlyGit;
    private final Consumer<String> progress;

    /** @param progress is told every two seconds how far it is */
    public WorkspaceCopy(Path source, boolean onlyGit, Consumer<String> progress) {
        this.source = source;
        this.onlyGit = onlyGit;
        this.progress = progress;
    }

    /** For {@code sh}: writes a tar stream of the files that LIST prints, the list to $1, errors to $1.said. */
    private static final String PACK = """
            exec 2>"$1.said"
            { LIST; } >"$1" || exit 2
            exec tar --null --no-recursion --format=posix -T "$1" -cf -
            """;

    private static final String ALL = "find . \\( -type f -o -type l -o -type d \\) -print0";
    /**
     * What git tracks, and what is new and not ignored, as far as it is in the tree: the maker of the repository may
     * have put names into it that lead out of it, or programs that git would run to fetch what is missing.
     */
    private static final String KNOWN_TO_GIT = """
            GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none \\
                git -c core.fsmonitor=false ls-files -z --cached --others --exclude-standard >"$1.git" &&
            LC_ALL=C sort -zu -o "$1.git" "$1.git" &&
            find . \\( -type f -o -type l \\) -printf '%P\\0' | LC_ALL=C sort -z | LC_ALL=C comm -z -12 - "$1.git\"""";

    /** Copies, in the place of what is there, and notes what, once it is on the guest's disk. */
    public CopyView copy(GuestSession session, GuestPath into, CopiedTree written) throws IOException {
        GuestFiles guest = session.files(Optional.empty());
        removeOld(guest, into.value());
        guest.makeDirectory(into.value(), Optional.empty(), true);
        Path work = Files.createTempDirectory("aegis-copy-");
        try {
            Path names = work.resolve("names");
            String script = PACK.replace("LIST", onlyGit ? KNOWN_TO_GIT : ALL);
            ProcessBuilder packing = Program.prepared(List.of("sh", "-c", script, "sh", names.toString()))
                    .redirectErrorStream(false)
                    .directory(source.toFile());
            Process packer = packing.start();
            // The end of the VM does not wait for a slow file system of the host.
            var _ = session.closed().whenComplete((_, _) -> Program.kill(packer));
            CopyView copied = guest.unpack(into.value(), out -> send(packer, out, work.resolve("names.said")));
            session.sync(Optional.of(into.value()), SYNC_LIMIT);
            written.write(source, guest, into);
            return copied;
        } finally {
            PrivateDirectory.remove(work);
        }
    }

    private void send(Process packing, OutputStream out, Path said) throws IOException {
        try (InputStream tar = packing.getInputStream()) {
            packing.getOutputStream().close();
            pass(tar, out);
            if (packing.onExit().join().exitValue() > CHANGED) {
                String why = Files.readString(said, StandardCharsets.ISO_8859_1);
                throw new IOException("cannot copy " + source + ": " + why.strip());
            }
        } finally {
            Program.kill(packing);
        }
    }

    private void pass(InputStream tar, OutputStream out) throws IOException {
        byte[] piece = new byte[PIECE];
        long bytes = 0;
        long told = System.nanoTime();
        for (int count = tar.read(piece); count >= 0; count = tar.read(piece)) {
            out.write(piece, 0, count);
            bytes += count;
            if (System.nanoTime() - told > PROGRESS.toNanos()) {
                told = System.nanoTime();
                progress.accept("copying the workspace: " + (bytes >> 20) + " MB so far");
            }
        }
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
}
