package dev.aegisvm.cli.attack;

import module java.base;
import dev.aegisvm.cli.attack.Finding.Verdict;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.cli.terminal.TextTable;
import io.avaje.jsonb.Json;

/**
 * What {@code aegis doctor --attack --json} prints.
 *
 * @param ok nothing is broken, and all was tried
 */
@Json(naming = Json.Naming.LowerUnderscore)
record AttackReport(boolean ok, long seconds, List<ProbeResult> probes) {
    /**
     * What became of one probe.
     *
     * @param verdict {@code held}, {@code open}, {@code untried} or {@code broken}
     * @param found what the VM got, or why it was not tried; empty when it held
     * @param means what it means when it has not held
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record ProbeResult(String id, String verdict, String tries, String found, String means) {
        private Verdict kind() {
            return Verdict.valueOf(verdict.toUpperCase(Locale.ROOT));
        }
    }

    static AttackReport of(List<Probe> probes, Probe.Evidence evidence, long seconds) {
        List<ProbeResult> results = new ArrayList<>();
        for (Probe probe : probes) {
            Finding finding = probe.finding(evidence);
            results.add(new ProbeResult(
                    probe.id(), finding.verdict().word(), probe.tries(), finding.found(), probe.means()));
        }
        boolean ok = results.stream().allMatch(each -> each.kind().compareTo(Verdict.UNTRIED) < 0);
        return new AttackReport(ok, seconds, results);
    }

    String text(boolean colours) {
        TextTable table = new TextTable("VERDICT", "PROBE", "WHAT A VM TRIED");
        StringBuilder more = new StringBuilder();
        Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
        for (ProbeResult each : probes) {
            counts.merge(each.kind(), 1, Integer::sum);
            table.row(each.verdict(), each.id(), each.tries());
            table.colour(0, each.kind().colour);
            if (each.kind() != Verdict.HELD) {
                more.append(each.verdict() + " " + each.id() + ": " + Printable.of(each.found()) + "\n");
                more.append(
                        "    ".concat(each.kind() == Verdict.UNTRIED ? "nothing is known of it" : each.means()) + "\n");
            }
        }
        StringBuilder sum = new StringBuilder().append(probes.size() + " probes in " + seconds + " s:");
        for (Verdict verdict : Verdict.values()) {
            sum.append(" " + counts.getOrDefault(verdict, 0) + " " + verdict.word());
            sum.append(verdict == Verdict.BROKEN ? "\n" : ",");
        }
        return table.text(colours) + "\n" + more + sum;
    }
}
