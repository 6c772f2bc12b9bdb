package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.client.InstanceFiles;
import dev.aegisvm.host.HostDirectory;
import org.jspecify.annotations.Nullable;

/** One end of a copy. */
sealed interface CopyPlace {
    /** {@code NAME:/path}, {@code -}, or a host path, which starts with {@code ./} or {@code /} if it has a colon. */
    static CopyPlace parse(Arguments arguments, String word) {
        if (word.equals("-")) {
            return new Stream();
        }
        int colon = word.indexOf(':');
        int slash = word.indexOf('/');
        if (colon < 1 || (slash >= 0 && slash < colon) || word.startsWith(".")) {
            try {
                return new Host(Path.of(word), word, !arguments.has(FileVerbs.NO_FOLLOW));
            } catch (InvalidPathException mistake) {
                throw arguments.wrong("'" + Printable.of(word) + "' cannot be a path");
            }
        }
        String path = word.substring(colon + 1);
        if (path.isEmpty()) {
            throw arguments.wrong(
                    "a path is missing after '" + Printable.of(word) + "': write " + Printable.of(word) + "/a/path");
        }
        try {
            return new Guest(word.substring(0, colon), new GuestPath(path));
        } catch (ApiException mistake) {
            throw arguments.wrong(Printable.of(String.valueOf(mistake.getMessage())) + " (a path of the host that has a"
                    + " colon begins with ./)");
        }
    }

    /** A tar stream on stdin or stdout. */
    record Stream() implements CopyPlace {}

    /**
     * A path of the host, and how it was written: a slash or a dot at its end means something. Above it, symlinks are
     * followed; it may itself be one where it is to be followed.
     */
    record Host(Path path, String written, boolean followed) implements CopyPlace {
        /** What is in the directory is meant, not the directory. */
        boolean contents() {
            return written.equals(".") || written.endsWith("/.");
        }

        /** Opens it for a stream whose names begin with {@code root}, or with {@code .} for what is in a directory. */
        HostUnpacker unpacker(String root) throws IOException {
            if (followed ? Files.isDirectory(path) : Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                HostDirectory opened = followed ? HostDirectory.open(path) : HostDirectory.openItself(path);
                return new HostUnpacker(opened, root, root, false);
            }
            Path parent = path.toAbsolutePath().getParent();
            Path name = path.getFileName();
            if (parent == null || name == null || !Files.isDirectory(parent)) {
                throw new IOException("cannot copy to " + Printable.of(path.toString()) + ": there is no directory "
                        + Printable.of(String.valueOf(parent)));
            }
            boolean directoryWanted = contents() || written.endsWith("/");
            return new HostUnpacker(HostDirectory.open(parent), root, name.toString(), directoryWanted);
        }

        /** What it is called, also where it is written as {@code ..}. */
        private String name() {
            Path name = path.toAbsolutePath().normalize().getFileName();
            return name == null ? "." : name.toString();
        }
    }

    /** A path of an instance's guest. */
    record Guest(String instance, GuestPath path) implements CopyPlace {
        /** An existing directory for a copy, and what that is called in it; {@code .} for what is in a directory. */
        record Target(GuestPath directory, String name) {}

        Target target(Host from, InstanceFiles files) throws IOException {
            if (Files.notExists(from.path())) {
                throw new IOException(
                        "cannot copy " + Printable.of(from.written()) + ": there is no such file or directory");
            }
            boolean tree = Files.isDirectory(from.path());
            FileView there = look(files);
            if (from.contents() && tree) {
                if (there == null) {
                    files.makeDirectories(path.value());
                }
                return new Target(path, ".");
            }
            if (there != null && there.isDirectory()) {
                return new Target(path, from.name());
            }
            String to = Printable.of(path.value());
            if (!tree && path.value().endsWith("/")) {
                throw new IOException("cannot copy to " + to + ": it is not a directory in the guest");
            }
            if (there != null && tree) {
                throw new IOException(
                        "cannot copy a directory to " + to + ": there is a " + there.type() + " in the guest");
            }
            return new Target(path.parent(), path.name());
        }

        private @Nullable FileView look(InstanceFiles files) throws IOException {
            try {
                return files.stat(path.value());
            } catch (ApiException refusal) {
                if (refusal.error().code().equals(ErrorCode.FILE_NOT_FOUND.wire())) {
                    return null;
                }
                throw refusal;
            }
        }
    }
}
