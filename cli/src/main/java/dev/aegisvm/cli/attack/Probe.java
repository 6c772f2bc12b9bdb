package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.cli.attack.Probe.Finding.Verdict;
import dev.aegisvm.cli.terminal.TextTable.Colour;
import io.avaje.jsonb.Json;

/** One thing that a VM tries: a line of {@code probes.tsv}, with what it means for the user if it has not held. */
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

    /** What became of a probe: what the VM got, or why it could not be tried; empty when it held. */
    record Finding(Verdict verdict, String found) {
        /** From good to bad. */
        enum Verdict {
            /** The VM got nothing. */
            HELD(Colour.GREEN),
            /** The VM gets it, and that is known. */
            OPEN(Colour.YELLOW),
            /** It could not be tried: nothing is known. */
            UNTRIED(Colour.RED),
            /** The VM got what it must not get. */
            BROKEN(Colour.RED);

            final Colour colour;

            Verdict(Colour colour) {
                this.colour = colour;
            }

            @Json.Value
            public String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        static final Finding HELD = new Finding(Verdict.HELD, "");

        static Finding broken(String found) {
            return new Finding(Verdict.BROKEN, found);
        }

        static Finding untried(String why) {
            return new Finding(Verdict.UNTRIED, why);
        }
    }
}
