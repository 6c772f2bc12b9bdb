package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.cli.attack.Finding.Verdict;

/**
 * One thing that a VM tries: a line of {@code probes.tsv}.
 *
 * @param judge how it is decided what became of it
 * @param means what it means for the user when it has not held
 */
record Probe(String id, Judge judge, String tries, String means) {
    /** What decides, unless the host has seen for itself. */
    enum Judge {
        /** A VM says what it got. */
        SAID,
        /** Both VMs say a fact, which has to differ. */
        DISTINCT,
        /** Both say a fact that is known not to differ in VMs of one template. */
        ALIKE
    }

    static List<Probe> all() {
        return TextResource.of(Probe.class, "probes.tsv")
                .lines()
                .map(line -> line.split("\t", -1))
                .map(part -> new Probe(part[0], Judge.valueOf(part[1].toUpperCase(Locale.ROOT)), part[2], part[3]))
                .toList();
    }

    /** By what the two VMs said, and what the host has seen. */
    Finding finding(Map<String, String> first, Map<String, String> second, Map<String, Finding> host) {
        Finding seen = host.get(id);
        if (seen != null) {
            return seen;
        }
        String one = first.getOrDefault(id, "");
        String other = second.getOrDefault(id, "");
        if (judge == Judge.SAID) {
            return said(one.isEmpty() ? other : one);
        }
        if (one.isEmpty() || other.isEmpty()) {
            return Finding.untried("a VM reported no result");
        }
        Verdict alike = judge == Judge.DISTINCT ? Verdict.BROKEN : Verdict.OPEN;
        return one.equals(other) ? new Finding(alike, "both have " + one) : Finding.HELD;
    }

    private static Finding said(String said) {
        String[] words = said.split(": ", 2);
        return switch (words[0]) {
            case "held" -> Finding.HELD;
            case "breach" -> Finding.broken(words[words.length - 1]);
            case "open" -> new Finding(Verdict.OPEN, words[words.length - 1]);
            default -> Finding.untried(said.isEmpty() ? "no VM reported a result" : said);
        };
    }
}
