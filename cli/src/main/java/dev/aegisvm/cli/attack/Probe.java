package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.cli.attack.Finding.Verdict;

/**
 * One thing that a VM tries: a line of {@code probes.tsv}.
 *
 * @param judge how is decided what became of it
 * @param means what it means for the user when it has not held
 */
record Probe(String id, Judge judge, String tries, String means) {
    /** How far a guest's clock may be behind what has just come from there, and before it. */
    private static final double LATE = 5;

    private static final double EARLY = 2;

    /** Whose word decides. What the host has seen itself comes first. */
    enum Judge {
        /** The VM that attacks says what it got. */
        FIRST,
        /** The neighbour does. */
        SECOND,
        /** Both VMs tell a fact that has to differ. */
        DISTINCT,
        /** Both tell a fact that is known not to differ in VMs of one template. */
        ALIKE,
        /** A VM tells its time. */
        CLOCK,
        /** Nobody but the host can tell. */
        HOST
    }

    /** What the two VMs said, each thing once, when that came in seconds since 1970, and what the host has seen. */
    record Evidence(
            Map<String, String> first,
            Map<String, String> second,
            Map<String, Double> came,
            Map<String, Finding> host) {
        private double told(String id) {
            return Double.parseDouble(first.getOrDefault(id, second.getOrDefault(id, "")));
        }
    }

    /** All; that of {@code --reach} is the last. */
    static List<Probe> all() throws IOException {
        List<Probe> all = new ArrayList<>();
        for (String line : resource("probes.tsv").lines().toList()) {
            String[] parts = line.split("\t", -1);
            all.add(new Probe(parts[0], Judge.valueOf(parts[1]), parts[2], parts[3]));
        }
        return all;
    }

    /** A file beside this class. */
    static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(Probe.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    Finding finding(Evidence evidence) {
        Finding seen = evidence.host().get(id);
        if (seen != null) {
            return seen;
        }
        return switch (judge) {
            case FIRST -> told(evidence.first().getOrDefault(id, ""));
            case SECOND -> told(evidence.second().getOrDefault(id, ""));
            case DISTINCT -> compared(evidence, Verdict.BROKEN);
            case ALIKE -> compared(evidence, Verdict.OPEN);
            case CLOCK -> clock(evidence);
            case HOST -> Finding.untried("the host was not looked at");
        };
    }

    /** What a guest says of a probe. */
    private static Finding told(String said) {
        String[] words = said.split(": ", 2);
        return switch (words[0]) {
            case "held" -> Finding.held();
            case "breach" -> Finding.broken(words[words.length - 1]);
            case "open" -> new Finding(Verdict.OPEN, words[words.length - 1]);
            default -> Finding.untried(said.isEmpty() ? "the VM said nothing of it" : said);
        };
    }

    private Finding compared(Evidence evidence, Verdict alike) {
        String one = evidence.first().getOrDefault(id, "");
        String other = evidence.second().getOrDefault(id, "");
        if (one.isEmpty() || other.isEmpty()) {
            return Finding.untried("a VM did not tell it");
        }
        return one.equals(other) ? new Finding(alike, "both have " + one) : Finding.held();
    }

    private Finding clock(Evidence evidence) {
        Double came = evidence.came().get(id);
        if (came == null) {
            return Finding.untried("no VM told its time");
        }
        try {
            double behind = came - evidence.told(id);
            return behind > -EARLY && behind < LATE
                    ? Finding.held()
                    : Finding.broken("it is " + Math.round(behind) + " s behind this host's");
        } catch (NumberFormatException none) {
            return Finding.untried("what it told is no time");
        }
    }
}
