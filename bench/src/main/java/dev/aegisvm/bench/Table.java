package dev.aegisvm.bench;

import java.util.ArrayList;
import java.util.List;

/** Rows as aligned text. */
final class Table {
    private static final List<String> HEADINGS = List.of("", "n", "p50", "p90", "p99", "max", "", "target", "came", "");

    private Table() {}

    static String of(List<Row> rows) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(HEADINGS);
        rows.forEach(row -> lines.add(cells(row)));
        int[] widths = new int[HEADINGS.size()];
        for (List<String> line : lines) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder(4096);
        for (int at = 0; at < lines.size(); at++) {
            text.append(aligned(lines.get(at), widths)).append('\n');
            if (at > 0) {
                rows.get(at - 1)
                        .notes()
                        .forEach(note -> text.append("    ").append(note).append('\n'));
            }
        }
        return text.toString();
    }

    private static List<String> cells(Row row) {
        Row.Percentiles p = row.percentiles();
        Row.Verdict verdict = row.verdict();
        return List.of(
                row.title(),
                Integer.toString(p.n()),
                Row.Verdict.number(p.p50()),
                Row.Verdict.number(p.p90()),
                p.p99() == null ? "" : Row.Verdict.number(p.p99()),
                Row.Verdict.number(p.max()),
                row.unit(),
                verdict == null ? "" : verdict.target(),
                verdict == null ? "" : verdict.came(),
                verdict == null ? "" : verdict.met() ? "met" : "MISSED");
    }

    /** Numbers stand to the right, words to the left. */
    private static String aligned(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder(160);
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(widths[column] - cell.length());
            boolean isNumber = column >= 1 && column <= 5;
            line.append(isNumber ? padding + cell : cell + padding).append("  ");
        }
        return line.toString().stripTrailing();
    }
}
