package dev.aegisvm.cli.copy;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.cli.line.Arguments;
import dev.aegisvm.cli.line.UsageException;
import dev.aegisvm.cli.terminal.Printable;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** One end of a copy. */
sealed interface CopyPlace {
    /** A path of an instance's guest. */
    record Guest(String instance, GuestPath path) implements CopyPlace {}

    /**
     * A path of the host.
     *
     * @param written as it was given: a slash or a dot at its end means something
     */
    record Host(Path path, String written) implements CopyPlace {
        /** What is in the directory is meant, not the directory. */
        boolean contents() {
            return written.equals(".") || written.endsWith("/.");
        }
    }

    /** A tar stream on stdin or stdout. */
    record Stream() implements CopyPlace {}

    /** {@code NAME:/path}, {@code -}, or a path of the host; one with a colon in it begins with {@code ./} or {@code /}. */
    static CopyPlace parse(Arguments arguments, String word) throws UsageException {
        if (word.equals("-")) {
            return new Stream();
        }
        int colon = word.indexOf(':');
        int slash = word.indexOf('/');
        if (colon < 1 || (slash >= 0 && slash < colon) || word.startsWith(".")) {
            return host(arguments, word);
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

    private static Host host(Arguments arguments, String word) throws UsageException {
        try {
            return new Host(Path.of(word), word);
        } catch (InvalidPathException mistake) {
            throw arguments.wrong("'" + Printable.of(word) + "' cannot be a path");
        }
    }
}
