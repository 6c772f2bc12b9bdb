package dev.aegisvm.mcp;

/**
 * What a model is told of a tool.
 *
 * @param name as it is called
 * @param title a few words for people
 * @param text what it does, and when to use which
 * @param effect what it does to the world
 * @param open whether it runs code that may reach anything
 * @param arguments what it takes
 */
record Description(String name, String title, String text, Effect effect, boolean open, ArgumentList arguments) {
    static Description of(String name, String title, Effect effect, String text, ArgumentList arguments) {
        return new Description(name, title, text, effect, false, arguments);
    }

    /** It runs code of the caller's. */
    Description runningCode() {
        return new Description(name, title, text, effect, true, arguments);
    }
}
