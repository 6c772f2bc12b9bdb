package dev.aegisvm.gateway.policy;

import module java.base;
import dev.aegisvm.api.AuditLine;

/** Which rules would have let pass what an instance asked for. */
public final class Suggestion {
    /** With so many of its hosts wanted, a preset says it shorter. */
    private static final int WORTH_A_PRESET = 2;

    /** Hosts and addresses as in rules, with the wanted ports; none where only the name was looked up. */
    private final SortedMap<String, SortedSet<Integer>> wanted = new TreeMap<>();

    private Suggestion() {}

    /**
     * The fewest rules that allow all that is in a log, but for what a rule denied; to be looked at before they are
     * used, since a guest may have asked for anything.
     *
     * @param presets that may stand for several hosts
     * @return such as {@code --allow api.example.com:443}
     */
    public static List<String> flags(List<AuditLine> lines, Presets presets, Nearby nearby) {
        Suggestion suggestion = new Suggestion();
        lines.stream().filter(Suggestion::isOfUse).forEach(line -> suggestion.add(line, nearby));
        return suggestion.words(presets).stream().map(word -> "--allow " + word).toList();
    }

    private static boolean isOfUse(AuditLine line) {
        return !line.rule().startsWith(Verdict.DENY)
                && !line.rule().startsWith(Verdict.SECRET)
                && !line.rule().equals(AuditLine.LIMIT)
                && !line.rule().equals(AuditLine.UNKNOWN);
    }

    private void add(AuditLine line, Nearby nearby) {
        String name = line.name();
        Optional<InetAddress> address = Optional.ofNullable(line.address()).flatMap(Addresses::parse);
        Set<Integer> port = line.port() == null ? Set.of() : Set.of(line.port());
        Optional<Destination> called =
                Optional.ofNullable(name).flatMap(each -> Destination.ofName(each, Destination.SOME_PORT));
        called.ifPresent(destination -> add(word(destination), port));
        // An address that is near needs a rule of its own, beside that for the name.
        if (name == null || called.filter(Destination::isOutside).isPresent()) {
            address.filter(each -> name == null || nearby.kind(each).isPresent())
                    .ifPresent(each -> add(Addresses.text(each), port));
        }
    }

    private static String word(Destination called) {
        return called instanceof Destination.TheHost ? Destination.TheHost.NAME : called.text();
    }

    private void add(String word, Set<Integer> ports) {
        wanted.computeIfAbsent(word, first -> new TreeSet<>()).addAll(ports);
    }

    private SortedSet<String> words(Presets presets) {
        SortedSet<String> words = new TreeSet<>();
        presets.all().values().forEach(preset -> {
            List<String> covered = wanted.keySet().stream()
                    .filter(host -> ports(host).stream()
                            .allMatch(port -> preset.allows(_ -> true, new Destination.Named(host, port))))
                    .toList();
            if (covered.size() >= WORTH_A_PRESET) {
                wanted.keySet().removeAll(covered);
                words.add(preset.word());
            }
        });
        wanted.forEach((word, ports) -> {
            if (word.equals(Destination.TheHost.NAME)) {
                ports.forEach(port -> words.add(word + ":" + port));
            } else {
                words.add(ports.size() == 1 ? with(word, ports.first()) : word);
            }
        });
        return words;
    }

    private Set<Integer> ports(String word) {
        Set<Integer> ports = Objects.requireNonNull(wanted.get(word));
        return ports.isEmpty() ? Set.of(Destination.SOME_PORT) : ports;
    }

    private static String with(String word, int port) {
        return Addresses.parse(word)
                .map(address -> Addresses.text(address, port))
                .orElse(word + ":" + port);
    }
}
