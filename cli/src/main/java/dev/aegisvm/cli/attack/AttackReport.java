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
     * @param found what the VM got, or why it was not tried; empty when it held
     * @param means what it means when it has not held
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record ProbeResult(String id, Verdict verdict, String tries, String found, String means) {
        ProbeResult(Probe probe, Finding finding) {
            this(probe.id(), finding.verdict(), probe.tries(), finding.found(), probe.means());
        }
    }

    static AttackReport of(List<ProbeResult> results, long seconds) {
        boolean ok = results.stream().allMatch(each -> each.verdict().compareTo(Verdict.UNTRIED) < 0);
        return new AttackReport(ok, seconds, results);
    }

    String text(boolean colours) {
        TextTable table = new TextTable("VERDICT", "PROBE", "WHAT A VM TRIED");
        StringBuilder more = new StringBuilder("\n");
        Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
        for (ProbeResult each : probes) {
            counts.merge(each.verdict(), 1L, Long::sum);
            table.row(each.verdict().word(), each.id(), each.tries());
            table.colour(0, each.verdict().colour);
            if (each.verdict() != Verdict.HELD) {
                more.append(each.verdict().word() + " " + each.id() + ": " + Printable.of(each.found()) + "\n");
                more.append(
                        "    " + (each.verdict() == Verdict.UNTRIED ? "nothing is known of it" : each.means()) + "\n");
            }
        }
        String sum = Stream.of(Verdict.values())
                .map(verdict -> counts.getOrDefault(verdict, 0L) + " " + verdict.word())
                .collect(Collectors.joining(", "));
        return table.text(colours) + more + probes.size() + " probes in " + seconds + " s: " + sum;
    }
}
