package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.bench.Row.Section;
import dev.aegisvm.bench.Row.Verdict;
import io.avaje.jsonb.*;

/** What a run found out: as tables, which are Markdown, as a file of all values, and as docs/PERFORMANCE.md. */
final class Report {
    private static final JsonType<Row.Results> JSON = Jsonb.instance().type(Row.Results.class);

    private static final List<String> HEADINGS =
            List.of("", "p50", "p90", "p99", "max", "unit", "n", "first row ÷ this", "target", "came");

    private Report() {}

    static void publish(Row.Results results, Options options, Path checkout) throws IOException {
        System.out.println("load after: " + results.facts().get("load after"));
        results.sections().forEach(section -> System.out.print("\n" + text(section)));
        results.failures().forEach(failure -> System.out.println("FAILED " + failure));
        Path json = checkout.resolve("bench/target/" + options.name() + ".json");
        Row.Results all = Files.exists(json) ? results.with(JSON.fromJson(Files.readString(json))) : results;
        write(json, JSON.toJsonPretty(all) + "\n");
        System.out.println("\nall values: " + json);
        Path docs = checkout.resolve("docs");
        if (options.whole(all)) {
            write(docs.resolve("performance/" + options.name() + ".json"), JSON.toJson(all) + "\n");
            System.out.println("made anew: " + page(docs));
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, text);
    }

    /** A table of what is known about the machine. */
    private static String facts(Row.Results results) {
        List<List<String>> lines = new ArrayList<>(List.of(List.of("on", "")));
        results.facts().forEach((name, value) -> lines.add(List.of(name, value)));
        return table(lines);
    }

    /** A heading and a table. */
    static String text(Section section) {
        List<List<String>> lines = new ArrayList<>(List.of(HEADINGS));
        Row first = null;
        for (Row row : section.rows()) {
            first = row.isPart() && first != null ? first : row;
            lines.add(cells(row, first));
        }
        return "### " + section.title() + "\n\n" + table(lines);
    }

    private static List<String> cells(Row row, Row first) {
        Row.Percentiles p = row.percentiles();
        Verdict verdict = row.verdict();
        double times = first.percentiles().p50() / p.p50();
        return List.of(
                (row.isPart() ? "· " : "") + row.title().strip(),
                Verdict.number(p.p50()),
                Verdict.number(p.p90()),
                p.p99() == null ? "" : Verdict.number(p.p99()),
                Verdict.number(p.max()),
                row.unit(),
                Integer.toString(p.n()),
                row.isPart() && row.unit().equals(first.unit()) && Double.isFinite(times) ? Verdict.number(times) : "",
                verdict == null ? "" : verdict.target(),
                verdict == null ? "" : verdict.came() + (verdict.met() ? ", met" : ", MISSED"));
    }

    /** A table in Markdown with straight columns: the first has words, the others stand to the right. */
    static String table(List<List<String>> lines) {
        int[] widths = IntStream.range(0, lines.getFirst().size())
                .map(column -> lines.stream()
                        .mapToInt(line -> line.get(column).length())
                        .reduce(3, Math::max))
                .toArray();
        List<List<String>> all = new ArrayList<>(lines);
        all.add(
                1,
                IntStream.range(0, widths.length)
                        .mapToObj(column -> "-".repeat(widths[column] - 1) + (column == 0 ? "-" : ":"))
                        .toList());
        String format = IntStream.range(0, widths.length)
                .mapToObj(column -> "| %" + (column == 0 ? "-" : "") + widths[column] + "s ")
                .collect(Collectors.joining("", "", "|\n"));
        return all.stream().map(line -> format.formatted(line.toArray())).collect(Collectors.joining());
    }

    /** Makes docs/PERFORMANCE.md and its plots of the last whole {@code make bench} and {@code make soak}; returns where it is. */
    private static Path page(Path docs) throws IOException {
        StringBuilder text = new StringBuilder(Programs.resource("page.md"));
        for (String command : List.of("bench", "soak")) {
            text.append("\n## `make ").append(command).append("`\n\n");
            Path values = docs.resolve("performance/" + command + ".json");
            if (Files.exists(values)) {
                addTo(text, JSON.fromJson(Files.readString(values)), docs);
            } else {
                text.append("Not measured yet.\n");
            }
        }
        return Files.writeString(docs.resolve("PERFORMANCE.md"), text);
    }

    private static void addTo(StringBuilder text, Row.Results results, Path docs) throws IOException {
        text.append(facts(results));
        Map<Plot, List<Row>> plots = new EnumMap<>(Plot.class);
        for (Row.Section section : results.sections()) {
            text.append('\n').append(text(section));
            for (Row row : section.rows()) {
                if (row.point() != null) {
                    plots.computeIfAbsent(row.point().plot(), _ -> new ArrayList<>())
                            .add(row);
                }
            }
        }
        for (Map.Entry<Plot, List<Row>> each : plots.entrySet()) {
            Plot plot = each.getKey();
            plot.draw(each.getValue(), Files.createDirectories(docs.resolve("performance")));
            text.append("\n[![%s](performance/%2$s.png)](performance/%2$s.svg)\n".formatted(plot.title(), plot.file()));
        }
    }
}
