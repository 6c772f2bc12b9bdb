package dev.aegisvm.cli;

/**
 * An option of a verb, declared.
 *
 * @param name with its dashes: {@code --name}
 * @param alias a short form ({@code -f}), or empty
 * @param value what follows it, as help calls it, or empty for a switch
 * @param help one line
 */
record Option(String name, String alias, String value, String help) {
    boolean takesValue() {
        return !value.isEmpty();
    }

    boolean isCalled(String text) {
        return name.equals(text) || (!alias.isEmpty() && alias.equals(text));
    }
}
