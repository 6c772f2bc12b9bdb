package dev.aegisvm.cli.copy;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.FileView;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.InstanceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a copy goes, and what it is called there. */
final class CopyTarget {
    private CopyTarget() {}

    /**
     * Where on this host a copy goes. What is above it is the user's own choice, symlinks included.
     *
     * @param path as the user wrote it
     * @param directory whether it is one that exists
     */
    record Host(Path path, boolean directory, boolean meansDirectory) {
        static Host of(CopyPlace.Host to) {
            return new Host(
                    to.path(),
                    Files.isDirectory(to.path()),
                    to.contents() || to.written().endsWith("/"));
        }

        /**
         * Opens it.
         *
         * @param root what the first component of the names in the stream is; {@code .} for what is in a directory
         */
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

    /**
     * Where in a guest a copy goes.
     *
     * @param directory one that exists
     * @param name what the copy is called in it; {@code .} for what is in a directory
     */
    record Guest(GuestPath directory, String name) {
        static Guest of(CopyPlace.Host from, GuestPath to, InstanceFiles files) throws IOException {
            Path source = from.path();
            if (Files.notExists(source)) {
                throw new IOException(
                        "cannot copy " + Printable.of(from.written()) + ": there is no such file or directory");
            }
            boolean tree = Files.isDirectory(source);
            FileView there = look(to, files);
            if (from.contents() && tree) {
                if (there == null) {
                    files.makeDirectories(to.value());
                }
                return new Guest(to, ".");
            }
            if (there != null && there.isDirectory()) {
                return new Guest(to, nameOf(source));
            }
            if (!tree && to.value().endsWith("/")) {
                throw new IOException(
                        "cannot copy to " + Printable.of(to.value()) + ": it is no directory of the guest");
            }
            if (there != null && tree) {
                throw new IOException("cannot copy a directory to " + Printable.of(to.value()) + ": there is a "
                        + there.type() + " in the guest");
            }
            return new Guest(to.parent(), to.name());
        }

        private static @Nullable FileView look(GuestPath to, InstanceFiles files) throws IOException {
            try {
                return files.stat(to.value());
            } catch (ApiException refusal) {
                if (refusal.error().code().equals(ErrorCode.FILE_NOT_FOUND.wire())) {
                    return null;
                }
                throw refusal;
            }
        }

        /** What a path is called, also where it is written as {@code ..}. */
        private static String nameOf(Path source) {
            Path name = source.toAbsolutePath().normalize().getFileName();
            return name == null ? "." : name.toString();
        }
    }
}
