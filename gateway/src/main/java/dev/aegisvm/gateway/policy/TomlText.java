package dev.aegisvm.gateway.policy;

import module java.base;
import org.jspecify.annotations.Nullable;
import org.tomlj.*;

/** TOML as people write it for us: a few keys, none of which needs what could exhaust the parser. */
public final class TomlText {
    private static final int LONGEST = 65_536;
    /** The parser goes down into each of them. */
    private static final int MAX_BRACKETS = 100;

    private TomlText() {}

    /** Throws a PolicyException, by the name that users know, when it is no TOML or too much of it; says the line. */
    public static TomlParseResult parse(String name, String text) {
        if (text.length() > LONGEST) {
            throw new PolicyException(name + " has more than " + LONGEST + " characters");
        }
        if (text.chars().filter(c -> c == '[' || c == '{').count() > MAX_BRACKETS) {
            throw new PolicyException(name + " has more than " + MAX_BRACKETS + " brackets");
        }
        if (text.indexOf('\\') >= 0) {
            throw new PolicyException(name + " contains a backslash, which is not allowed");
        }
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            throw new PolicyException(name + ": " + toml.errors().getFirst());
        }
        return toml;
    }

    /** The texts of a list, none of an absent one; throws a PolicyException when it is something else. */
    static List<String> list(String where, @Nullable Object value) {
        if (value == null) {
            return List.of();
        }
        if (value instanceof TomlArray array && array.toList().stream().allMatch(String.class::isInstance)) {
            return array.toList().stream().map(String.class::cast).toList();
        }
        throw new PolicyException(where + " must be a list of rules: write [\"api.example.com\", \"10.1.0.0/16\"]");
    }
}
