package dev.aegisvm.cli.line;

/**
 * An option of a verb, declared.
 *
 * @param name with its dashes: {@code --name}
 * @param alias a short form ({@code -f}), or empty
 * @param value what follows it, as help calls it, or empty for a switch
 * @param help one line
 */
public record Option(String name, String alias, String value, String help) {
    public boolean takesValue() {
        return !value.isEmpty();
    }

    public boolean isCalled(String text) {
        return name.equals(text) || (!alias.isEmpty() && alias.equals(text));
    }
}
