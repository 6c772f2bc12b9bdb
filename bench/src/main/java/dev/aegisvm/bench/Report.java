package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.bench.Row.Verdict;
import io.avaje.jsonb.Jsonb;

/** What a run found out, as an aligned table and as a file. */
final class Report {
    private static final List<String> HEADINGS = List.of("", "n", "p50", "p90", "p99", "max", "", "target", "came", "");

    private Report() {}

    static void publish(Row.Results results, Path json) throws IOException {
        System.out.println("load after: " + results.facts().get("load after") + "\n");
        System.out.print(table(results.rows()));
        results.failures().forEach(failure -> System.out.println("FAILED " + failure));
        Files.createDirectories(json.resolveSibling(""));
        Files.writeString(json, Jsonb.instance().type(Row.Results.class).toJsonPretty(results) + "\n");
        System.out.println("all values: " + json);
    }

    static String table(List<Row> rows) {
        List<List<String>> lines = new ArrayList<>(List.of(HEADINGS));
        rows.forEach(row -> lines.add(cells(row)));
        int[] widths = IntStream.range(0, HEADINGS.size())
                .map(column -> lines.stream()
                        .mapToInt(line -> line.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        StringBuilder text = new StringBuilder(aligned(HEADINGS, widths));
        for (int i = 0; i < rows.size(); i++) {
            text.append(aligned(lines.get(i + 1), widths));
            rows.get(i).notes().forEach(note -> text.append("    ").append(note).append('\n'));
        }
        return text.toString();
    }

    private static List<String> cells(Row row) {
        Row.Percentiles p = row.percentiles();
        Verdict verdict = row.verdict();
        return List.of(
                row.title(),
                Integer.toString(p.n()),
                Verdict.number(p.p50()),
                Verdict.number(p.p90()),
                p.p99() == null ? "" : Verdict.number(p.p99()),
                Verdict.number(p.max()),
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
        return line.toString().stripTrailing() + "\n";
    }
}
