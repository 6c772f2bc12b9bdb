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

    /** How a snippet is run: by this program, after this option. */
    private static final Map<String, List<String>> PROGRAMS = Map.of(
            "python", List.of("python3", "-c"),
            "bash", List.of("bash", "-c"),
            "sh", List.of("sh", "-c"),
            "perl", List.of("perl", "-e"),
            "javascript", List.of("node", "-e"));

    private static final Map<String, String> OTHER_NAMES =
            Map.of("python3", "python", "py", "python", "shell", "sh", "js", "javascript", "node", "javascript");

    /** Writes the figures of matplotlib that are open, since there is no window in which they are shown. */
    private static final String FIGURES = "import sys; p = sys.modules.get('matplotlib.pyplot');"
            + " [p.figure(n).savefig(f'figure-{n}.png') for n in (p.get_fignums() if p else ())]";

    static final List<String> SHOWN = List.of("python", "bash", "sh", "perl", "javascript");

    private boolean full;

    /** What a language is called, by whatever of its names, in small letters. */
    static String named(String language) {
        return OTHER_NAMES.getOrDefault(language, language);
    }

    /** The command that runs a snippet. */
    static List<String> command(String language, String code) {
        int bytes = code.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_CODE) {
            throw ErrorCode.TOO_LARGE.refusal(
                    "the code has " + bytes + " bytes, and " + MAX_CODE + " are the most",
                    "put it into a file of an instance, and exec that");
        }
        List<String> command = new ArrayList<>(Objects.requireNonNull(PROGRAMS.get(named(language))));
        boolean draws = named(language).equals("python") && code.contains("matplotlib") && !code.contains("savefig");
        command.add(draws ? code + "\n" + FIGURES : code);
        return command;
    }

    /** A command, after which the pictures are written that are newer than its beginning, each after a mark. */
    static List<String> withPictures(List<String> command, String mark) {
        List<String> wrapped =
                new ArrayList<>(List.of("sh", "-c", TextResource.of(Languages.class, "pictures.sh"), "sh", mark));
        wrapped.addAll(command);
        return wrapped;
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
