package dev.aegisvm.cli.line;

import java.util.List;

/**
 * What an option takes, or what an operand is.
 *
 * @param name as help calls it: {@code DUR}, {@code <name|id>}
 * @param choices what may stand there, where that is known beforehand; other values may do as well
 */
public record Value(String name, Kind kind, List<String> choices) {
    public static final Value INSTANCE = new Value("<name|id>", Kind.INSTANCE, List.of());
    public static final Value SECRET = new Value("<key>", Kind.SECRET, List.of());
    public static final Value FILE = new Value("<file>", Kind.FILE, List.of());

    /** Where completion finds what may stand there. */
    public enum Kind {
        TEXT,
        INSTANCE,
        /** A command that {@code aegis exec} runs in the instance that the first operand names. */
        EXEC,
        SECRET,
        IMAGE,
        FILE,
        DIRECTORY,
        /** A path of this host or of an instance. */
        PLACE,
        /** A command of ours. */
        COMMAND
    }

    /** Free text, of which these are examples worth offering. */
    public static Value of(String name, String... choices) {
        return new Value(name, Kind.TEXT, List.of(choices));
    }

    public static Value of(String name, Kind kind) {
        return new Value(name, kind, List.of());
    }
}
