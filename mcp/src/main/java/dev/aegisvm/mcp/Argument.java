package dev.aegisvm.mcp;

/**
 * An argument of a tool.
 *
 * @param text what it means, with its unit and its default
 */
record Argument(String name, Kind kind, boolean required, String text) {
    /** The kinds of value that tools take. */
    enum Kind {
        TEXT("a string"),
        WHOLE_NUMBER("a whole number"),
        FLAG("true or false"),
        TEXTS("an array of strings"),
        TEXTS_BY_NAME("an object whose values are strings"),
        /** An array of words, or a string that a shell takes apart. */
        COMMAND("an array of strings, or one string for the shell");

        private final String said;

        Kind(String said) {
            this.said = said;
        }

        /** What it is, for a sentence. */
        String said() {
            return said;
        }
    }
}
