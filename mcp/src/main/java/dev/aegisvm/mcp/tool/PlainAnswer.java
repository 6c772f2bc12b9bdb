package dev.aegisvm.mcp.tool;

import org.jspecify.annotations.Nullable;

/**
 * An answer in plain text: facts, each a line {@code name: value}, then an empty line and a text as it was read or written. The
 * facts come first, where no text of a guest can be mistaken for one.
 */
public final class PlainAnswer {
    private static final int MAX_COMMAND = 120;

    private final StringBuilder facts = new StringBuilder();

    /** Adds a fact, where there is one. */
    public PlainAnswer fact(String name, @Nullable Object value) {
        if (value != null) {
            facts.append(name).append(": ").append(line(value.toString())).append('\n');
        }
        return this;
    }

    /** A text of a guest in one line, without what moves a terminal's cursor. */
    public static String line(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }

    /** A command in a line, cut where it is long: who gave it knows the rest. */
    public static String cut(String command) {
        String line = line(command);
        return line.length() <= MAX_COMMAND ? line : line.substring(0, MAX_COMMAND - 1) + "…";
    }

    public String with(@Nullable String text) {
        return text == null || text.isEmpty() ? facts.toString().stripTrailing() : facts + "\n" + text;
    }
}
