package dev.aegisvm.gateway.policy;

import module java.base;
import dev.aegisvm.api.TextResource;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlParseResult;

/**
 * What {@code @NAME} stands for in a rule: the presets of {@code presets.toml} beside this class, and those of a file
 * of the user's, which win. That file is read again when it has changed. Where both name no hosts, this host's own
 * package managers are asked, once. For all threads.
 */
public final class Presets {
    private static final String OURS = "presets.toml";

    /**
     * @param changed when the user's file was, as {@link File#lastModified} says
     * @param presets by their words
     */
    private record Known(long changed, SortedMap<String, Rule> presets) {}

    private final Path file;
    private final Function<String, List<String>> tools;
    private final Map<String, List<Rule.Match>> asked = new ConcurrentHashMap<>();
    /** Absent until they are needed: in most daemons they never are. */
    private volatile @Nullable Known known;

    /**
     * @param file the user's; may be absent
     * @param tools gives the hosts of a preset for which neither names any, and nothing where it knows none
     * @throws PolicyException when the file cannot be read; names the line and what is wrong with it
     */
    public Presets(Path file, Function<String, List<String>> tools) {
        this.file = file;
        this.tools = tools;
        if (Files.exists(file)) {
            var _ = current();
        }
    }

    private Known current() {
        Known latest = known;
        long changed = file.toFile().lastModified();
        if (latest == null || latest.changed() != changed) {
            latest = new Known(changed, ours());
            try {
                if (Files.exists(file)) {
                    add(file.toString(), Files.readString(file), latest.presets());
                }
            } catch (IOException obstacle) {
                throw new PolicyException("cannot read " + file + ": " + obstacle, obstacle);
            }
            known = latest;
        }
        return latest;
    }

    private static SortedMap<String, Rule> ours() {
        SortedMap<String, Rule> presets = new TreeMap<>();
        add(OURS, TextResource.of(Presets.class, OURS), presets);
        return presets;
    }

    private static void add(String name, String text, SortedMap<String, Rule> presets) {
        TomlParseResult toml = TomlText.parse(name, text);
        for (String key : toml.keySet()) {
            String where = name + ", line "
                    + Objects.requireNonNull(toml.inputPositionOf(List.of(key))).line() + ": ";
            try {
                String word = Rule.parse("@" + key).word();
                presets.put(word, new Rule(word, matches(key, toml)));
            } catch (PolicyException mistake) {
                throw new PolicyException(where + mistake.getMessage(), mistake);
            }
        }
    }

    private static List<Rule.Match> matches(String key, TomlParseResult toml) {
        List<Rule.Match> matches = new ArrayList<>();
        for (String word : TomlText.list(key, toml.get(List.of(key)))) {
            Rule rule = Rule.parse(word);
            if (rule.isPreset() || rule.isInward()) {
                throw new PolicyException("'" + word + "' is not a host: presets contain hosts and addresses");
            }
            matches.addAll(rule.matches());
        }
        return matches;
    }

    /** All of them by their words, as they were when they could be read last. */
    SortedMap<String, Rule> all() {
        try {
            return current().presets();
        } catch (PolicyException mistake) {
            // The next one that asks for a preset is told of it.
            Known last = known;
            return last == null ? ours() : last.presets();
        }
    }

    /** Throws when a preset in rules does not exist, has no hosts, or the file is wrong; says what to write where. */
    public void require(List<Rule> rules) {
        for (Rule rule : rules) {
            if (rule.isPreset()) {
                require(rule.word(), current().presets());
            }
        }
    }

    private void require(String word, SortedMap<String, Rule> presets) {
        @Nullable Rule preset = presets.get(word);
        String write = "write " + word.substring(1) + " = [\"HOST\"] in " + file;
        if (preset == null) {
            throw new PolicyException("there is no preset '" + word + "': " + write + ", or use one of "
                    + String.join(", ", presets.keySet()));
        }
        if (withHosts(preset).matches().isEmpty()) {
            throw new PolicyException(word + " has no hosts yet: " + write
                    + "; 'aegis network log NAME --suggest' lists the hosts that an instance asked for");
        }
    }

    private Rule withHosts(Rule preset) {
        return preset.matches().isEmpty()
                ? new Rule(preset.word(), asked.computeIfAbsent(preset.word(), this::ask))
                : preset;
    }

    private List<Rule.Match> ask(String word) {
        try {
            return Rule.parse(tools.apply(word)).stream()
                    .flatMap(rule -> rule.matches().stream())
                    .toList();
        } catch (PolicyException noHosts) {
            return List.of();
        }
    }

    /** The rules with what their presets stand for now. */
    public List<Rule> filled(List<Rule> rules) {
        if (rules.stream().noneMatch(Rule::isPreset)) {
            return rules;
        }
        SortedMap<String, Rule> presets = all();
        return rules.stream()
                .map(rule -> withHosts(presets.getOrDefault(rule.word(), rule)))
                .toList();
    }
}
