package dev.aegisvm.cli.terminal;

import java.util.List;

/** A command as one could type it into a shell. */
public final class ShellWords {
    private static final String PLAIN = "_-./:=,@%+";

    private ShellWords() {}

    public static String of(List<String> words) {
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            line.append(line.isEmpty() ? "" : " ")
                    .append(isPlain(word) ? word : "'" + word.replace("'", "'\\''") + "'");
        }
        return line.toString();
    }

    private static boolean isPlain(String word) {
        for (int at = 0; at < word.length(); at++) {
            char c = word.charAt(at);
            if (!Character.isLetterOrDigit(c) && PLAIN.indexOf(c) < 0) {
                return false;
            }
        }
        return !word.isEmpty();
    }
}
