package dev.aegisvm.gateway.policy;

import module java.base;
import org.tomlj.TomlParseResult;

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
    public static final PolicyFile NONE = new PolicyFile(Optional.empty(), List.of(), List.of());

    private static final Set<String> KEYS = Set.of("network", "allow", "deny");

    /** Reads a file; throws a PolicyException when it is no TOML, or has an unknown key or a word that is no rule. */
    public static PolicyFile parse(String name, String text) {
        TomlParseResult toml = TomlText.parse(name, text);
        for (String key : toml.keySet()) {
            if (!KEYS.contains(key)) {
                throw new PolicyException(name + ": unknown key '" + key + "': a policy has network, allow and deny");
            }
        }
        return new PolicyFile(
                Optional.ofNullable(toml.get(List.of("network"))).map(mode -> Mode.parse(mode.toString())),
                Rule.parse(TomlText.list(name + ": allow", toml.get(List.of("allow")))),
                Rule.parse(TomlText.list(name + ": deny", toml.get(List.of("deny")))));
    }
}
