package dev.aegisvm.cli.copy;

import dev.aegisvm.cli.terminal.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where on this host a copy goes. What is above it is the user's own choice, symlinks included.
 *
 * @param path as the user wrote it
 * @param directory whether it is one that exists
 */
record HostTarget(Path path, boolean directory, boolean meansDirectory) {
    static HostTarget of(CopyPlace.Host to) {
        return new HostTarget(
                to.path(),
                Files.isDirectory(to.path()),
                to.contents() || to.written().endsWith("/"));
    }

    /** @param root what the first component of the names in the stream is; {@code .} for what is in a directory */
    HostUnpacker unpacker(String root) throws IOException {
        if (directory) {
            return new HostUnpacker(path, root, root);
        }
        Path parent = path.toAbsolutePath().getParent();
        Path name = path.getFileName();
        if (parent == null || name == null || !Files.isDirectory(parent)) {
            throw new IOException("cannot copy to " + Printable.of(path.toString()) + ": there is no directory "
                    + Printable.of(String.valueOf(parent)));
        }
        HostUnpacker unpacker = new HostUnpacker(parent, root, name.toString());
        if (meansDirectory) {
            unpacker.wantsDirectory();
        }
        return unpacker;
    }
}
