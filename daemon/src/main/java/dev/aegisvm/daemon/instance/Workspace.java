package dev.aegisvm.daemon.instance;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Which directory of the host an instance has at {@link #GUEST_PATH}.
 *
 * @param source a name, or an absolute path
 * @param readOnly the guest cannot change it
 */
public record Workspace(String source, boolean readOnly) {
    /** Where it is in the guest. */
    public static final String GUEST_PATH = "/workspace";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
    private static final String READ_ONLY = ":ro";

    /**
     * Reads {@code NAME}, {@code /PATH}, or either with {@code :ro} behind it. A path that itself ends in that is written with
     * a slash at its end.
     *
     * @throws IllegalArgumentException when it is none of these; the message says why
     */
    public static Workspace parse(String text) {
        boolean readOnly = text.endsWith(READ_ONLY);
        String source = readOnly ? text.substring(0, text.length() - READ_ONLY.length()) : text;
        if (source.startsWith("/")) {
            return new Workspace(Path.of(source).toString(), readOnly);
        }
        if (source.indexOf('/') >= 0 || source.startsWith(".") || source.startsWith("~")) {
            throw new IllegalArgumentException("the workspace '" + source + "' is a path that is not absolute");
        }
        if (!NAME.matcher(source).matches()) {
            throw new IllegalArgumentException(
                    "the workspace '" + source
                            + "' is no name: a name has letters, digits, '-', '_' and '.', 63 at most, a letter or digit first");
        }
        return new Workspace(source, readOnly);
    }

    public boolean isPath() {
        return source.startsWith("/");
    }

    /** What {@link #parse} makes this of. */
    public String text() {
        if (readOnly) {
            return source + READ_ONLY;
        }
        return source.endsWith(READ_ONLY) ? source + "/" : source;
    }
}
