package dev.aegisvm.gateway.policy;

import module java.base;
import org.tomlj.*;

/**
 * A policy in a file, with the words of the command line:
 *
 * <pre>
 * network = "allow"
 * allow = ["@npm", "api.example.com:443"]
 * deny = ["telemetry.example.com"]
 * </pre>
 *
 * @param mode absent where the file has no {@code network}
 */
public record PolicyFile(Optional<Mode> mode, List<Rule> allow, List<Rule> deny) {
    private static final Set<String> KEYS = Set.of("network", "allow", "deny");
    private static final int LONGEST = 16_384;
    /** The parser goes down into each of them. */
    private static final int MAX_BRACKETS = 100;

    /**
     * Reads what is in a file.
     *
     * @param name of the file, for messages
     * @throws PolicyException when it is no TOML, has a key that means nothing here, or a word that is no rule
     */
    public static PolicyFile parse(String name, String text) throws PolicyException {
        boolean deep = text.chars().filter(c -> c == '[' || c == '{').count() > MAX_BRACKETS;
        if (text.length() > LONGEST || deep || text.indexOf('\\') >= 0) {
            throw new PolicyException(name + " is no policy: it has at most " + LONGEST + " characters, " + MAX_BRACKETS
                    + " brackets, and no backslash");
        }
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            throw new PolicyException(name + ": " + toml.errors().getFirst());
        }
        for (String key : toml.keySet()) {
            if (!KEYS.contains(key)) {
                throw new PolicyException(name + ": unknown key '" + key + "': a policy has network, allow and deny");
            }
        }
        Object mode = toml.get(List.of("network"));
        return new PolicyFile(
                mode == null ? Optional.empty() : Optional.of(Mode.parse(mode.toString())),
                rules(name, toml, "allow"),
                rules(name, toml, "deny"));
    }

    private static List<Rule> rules(String name, TomlTable toml, String key) throws PolicyException {
        Object value = toml.get(List.of(key));
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof TomlArray list) || !list.toList().stream().allMatch(String.class::isInstance)) {
            throw new PolicyException(
                    name + ": " + key + " is a list of rules: write " + key + " = [\"api.example.com\"]");
        }
        return RuleParser.parse(list.toList().stream().map(String.class::cast).toList());
    }
}
