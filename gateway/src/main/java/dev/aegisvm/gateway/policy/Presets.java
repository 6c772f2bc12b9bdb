package dev.aegisvm.gateway.policy;

import module java.base;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;

/** Hosts that belong together under one name, as {@code presets.toml} lists them. */
public final class Presets {
    private static final String FILE = "presets.toml";

    private Presets() {}

    /**
     * The hosts of a preset, as rules.
     *
     * @param name without the {@code @}
     * @throws PolicyException when there is no such preset; names those that there are
     */
    public static List<String> hosts(String name) throws PolicyException {
        List<String> hosts = all().get(name);
        if (hosts == null) {
            throw new PolicyException(
                    "there is no preset '@" + name + "': write one of @" + String.join(", @", all().keySet()));
        }
        return hosts;
    }

    /** All of them, by name. */
    public static SequencedMap<String, List<String>> all() {
        TomlParseResult toml;
        try (InputStream file = Objects.requireNonNull(Presets.class.getResourceAsStream(FILE), FILE)) {
            toml = Toml.parse(file);
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
        SequencedMap<String, List<String>> presets = new TreeMap<>();
        for (String name : toml.keySet()) {
            TomlArray hosts = Objects.requireNonNull(toml.getArray(name));
            presets.put(name, hosts.toList().stream().map(String.class::cast).toList());
        }
        return presets;
    }
}
