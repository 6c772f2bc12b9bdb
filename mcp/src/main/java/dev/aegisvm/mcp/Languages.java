package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.client.DaemonClient;
import org.jspecify.annotations.Nullable;

/** The languages of snippets, and which image has them. */
final class Languages {
    /** What Linux takes as one argument (MAX_ARG_STRLEN), in bytes, without the 0 at its end. */
    static final int MAX_CODE = 128 * 1024 - 1;

    /** Runs the driver that is its first argument. */
    static final String PYTHON =
            "command -v python3 >/dev/null || { echo 'no python3 in this image; aegis:full has it' >&2;"
                    + " exit 127; }; exec python3 -u -c \"$@\"";

    /** How a snippet of another language is run: by this program, after this option. */
    private static final Map<String, List<String>> PROGRAMS = Map.of(
            "bash", List.of("bash", "-c"),
            "sh", List.of("sh", "-c"),
            "perl", List.of("perl", "-e"),
            "javascript", List.of("node", "-e"));

    private static final Map<String, String> OTHER_NAMES =
            Map.of("python3", "python", "py", "python", "shell", "sh", "js", "javascript", "node", "javascript");

    static final List<String> SHOWN = List.of("python", "bash", "sh", "perl", "javascript");

    private boolean full;

    /** What a language is called, by whatever of its names, in small letters. */
    static String named(String language) {
        return OTHER_NAMES.getOrDefault(language, language);
    }

    /** The command that runs a snippet, after which the pictures that it made are written, each after a mark. */
    static List<String> command(String language, String code, String mark) {
        int bytes = code.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_CODE) {
            throw ErrorCode.TOO_LARGE.refusal(
                    "the code has " + bytes + " bytes, and " + MAX_CODE + " are the most",
                    "put it into a file of an instance, and exec that");
        }
        if (named(language).equals("python")) {
            return List.of("sh", "-c", PYTHON, "sh", TextResource.of(Languages.class, "session.py"), mark, code);
        }
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", TextResource.of(Languages.class, "pictures.sh"), "sh", mark));
        command.addAll(Objects.requireNonNull(PROGRAMS.get(named(language))));
        command.add(code);
        return command;
    }

    /** The image of a fresh VM for a language, where none is named: the full one where it is; null for the base image. */
    @Nullable
    String image(String language, DaemonClient client) throws IOException {
        if (isFullHere(client)) {
            return Images.FULL;
        }
        if (named(language).equals("javascript")) {
            throw ErrorCode.IMAGE_NOT_FOUND.refusal(
                    "there is no javascript in the image aegis:base, and aegis:full is not on this host",
                    "use another language, or an image such as node:22; a person makes aegis:full by one command:"
                            + " `aegis-prepare-guest --full`, in a checkout `make image-full`");
        }
        return null;
    }

    /** Once it was there, it is not asked for again. */
    private synchronized boolean isFullHere(DaemonClient client) throws IOException {
        full = full || Images.here(client).anyMatch(Images.FULL::equals);
        return full;
    }
}
