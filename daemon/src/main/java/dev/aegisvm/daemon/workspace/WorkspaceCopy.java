package dev.aegisvm.daemon.workspace;

import module java.base;
import dev.aegisvm.api.FileView.CopyView;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.daemon.files.TarUnpacker;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.host.*;

/**
 * Copies a tree of this host into a guest, as it is: files, directories and symbolic links with their modes and times. Sockets,
 * FIFOs and devices are left out. No link is followed.
 */
public final class WorkspaceCopy {
    private static final Duration SYNC_LIMIT = Duration.ofMinutes(2);
    /** What {@code tar} says when a file changed while it was read. */
    private static final int CHANGED = 1;

    /** For {@code sh}, in the tree: writes a tar stream of what LIST prints, which goes to the file $1, what goes wrong to $1.said. */
    private static final String PACK = """
            exec 2>"$1.said"
            { LIST; } >"$1" || exit 2
            exec tar --null --no-recursion --format=posix -T "$1" -cf -
            """;

    private static final String ALL = "find . \\( -type f -o -type l -o -type d \\) -print0";
    /** What git tracks, unless it is gone, and what is new and not ignored. */
    private static final String KNOWN_TO_GIT = """
            git -c core.fsmonitor=false ls-files -z --cached --others --exclude-standard >"$1.git" &&
            xargs -0 -r sh -c 'for each; do
                if [ -f "$each" ] || [ -L "$each" ]; then printf "%s\\0" "$each"; fi
            done' sh <"$1.git\"""";

    private WorkspaceCopy() {}

    /**
     * Copies, in the place of what is there.
     *
     * @param onlyGit what git tracks, and what is new and not ignored
     * @param written notes what was copied, once it is on the guest's disk
     */
    public static CopyView copy(Path source, boolean onlyGit, GuestSession session, GuestPath into, CopiedTree written)
            throws IOException {
        GuestFiles guest = session.files(Optional.empty());
        removeOld(guest, into.value());
        guest.makeDirectory(into.value(), OptionalInt.empty(), true);
        Path work = Files.createTempDirectory("aegis-copy-");
        try {
            Path names = work.resolve("names");
            String script = PACK.replace("LIST", onlyGit ? KNOWN_TO_GIT : ALL);
            CopyView copied = copy(List.of("sh", "-c", script, "sh", names.toString()), source, guest, into);
            session.sync(into.value(), SYNC_LIMIT);
            written.write(source, guest, into);
            return copied;
        } catch (TarUnpacker.MalformedTarException cutShort) {
            String said = Files.readString(work.resolve("names.said"), StandardCharsets.ISO_8859_1);
            throw new IOException("cannot copy " + source + ": " + said.strip(), cutShort);
        } finally {
            PrivateDirectory.remove(work);
        }
    }

    private static CopyView copy(List<String> command, Path source, GuestFiles guest, GuestPath into)
            throws IOException {
        Process packing = Program.prepared(command)
                .redirectErrorStream(false)
                .directory(source.toFile())
                .start();
        try {
            packing.getOutputStream().close();
            CopyView copied = new TarUnpacker(guest, into).unpack(packing.getInputStream());
            if (packing.onExit().join().exitValue() > CHANGED) {
                throw new TarUnpacker.MalformedTarException("it could not all be read");
            }
            return copied;
        } finally {
            packing.destroyForcibly();
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
