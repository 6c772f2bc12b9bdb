package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.bench.Results.Percentiles;
import dev.aegisvm.bench.Rows.Row;
import io.avaje.jsonb.*;

/** The results of a run: as tables, which are Markdown, as a file of all values, and as docs/PERFORMANCE.md. */
record Report(Results results) {
    private static final JsonType<Results> JSON = Jsonb.instance().type(Results.class);
    private static final Pattern TARGET = Pattern.compile("([≤≥]) ([\\d.]+)(?: (×|\\+|tail ×) (\\S+))?");

    private static final List<String> HEADINGS =
            List.of("", "p50", "p90", "p99", "max", "unit", "n", "first row ÷ this", "target", "came");

    static void publish(Results results, Options options, Path checkout) throws IOException {
        System.out.println("load after: " + results.facts().get("load after"));
        System.out.print(new Report(results).tables());
        results.failures().forEach((subject, why) -> System.out.println("FAILED " + subject + ": " + why));
        Path json = checkout.resolve("bench/target/" + options.name() + ".json");
        Results all =
                Files.exists(json) ? results.with(JSON.fromJson(Files.readString(json)), options.words()) : results;
        write(json, all);
        System.out.println("\nall values: " + json);
        if (options.areWhole(all)) {
            Path docs = checkout.resolve("docs");
            write(docs.resolve("performance/" + options.name() + ".json"), all);
            System.out.println("written again: " + page(docs, json.resolveSibling("plots")));
        }
    }

    private static void write(Path file, Results results) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, JSON.toJsonPretty(results) + "\n");
    }

    /** For each subject a heading and a table. */
    String tables() {
        StringBuilder text = new StringBuilder();
        Rows.OURS.sections(results.rows()).forEach((subject, rows) -> {
            List<List<String>> lines = new ArrayList<>(List.of(HEADINGS));
            Row first = rows.getFirst();
            for (Row row : rows) {
                first = row.isPart() ? first : row;
                lines.add(cells(row, first));
            }
            text.append("\n### %s\n\n%s".formatted(Rows.OURS.title(subject), table(lines)));
        });
        return text.toString();
    }

    private List<String> cells(Row row, Row first) {
        Percentiles p = row.values();
        String unit = row.kind().unit();
        double times = first.values().p50() / p.p50();
        List<String> verdict = verdict(row);
        return List.of(
                row.title(),
                number(p.p50()),
                number(p.p90()),
                p.p99() == null ? "" : number(p.p99()),
                number(p.max()),
                unit,
                Integer.toString(p.n()),
                row.isPart() && unit.equals(first.kind().unit()) && Double.isFinite(times) ? number(times) : "",
                verdict.getFirst(),
                verdict.getLast());
    }

    /** The target, and what is compared with it; both are empty as long as the row that it names has no values. */
    private List<String> verdict(Row row) {
        Matcher target = TARGET.matcher(row.target());
        if (!target.matches()) {
            return List.of("", "");
        }
        String sign = target.group(1);
        double limit = Double.parseDouble(target.group(2));
        Percentiles own = row.values();
        if (target.group(4) == null) {
            return verdict(sign, limit, own.p50(), row.kind().unit());
        }
        Percentiles other = results.rows().get(target.group(4));
        if (other == null) {
            return List.of("", "");
        }
        return switch (target.group(3)) {
            case "+" -> verdict(sign, other.p50() + limit, own.p50(), row.kind().unit());
            case "×" -> verdict(sign, limit, own.p50() / other.p50(), "×");
            default ->
                own.p99() != null && other.p99() != null
                        ? verdict(sign, limit, own.p99() / other.p99(), "× of p99")
                        : verdict(sign, limit, own.p90() / other.p90(), "× of p90");
        };
    }

    private static List<String> verdict(String sign, double limit, double came, String unit) {
        boolean met = sign.equals("≤") ? came <= limit : came >= limit;
        return List.of(
                sign + " " + number(limit) + " " + unit, number(came) + " " + unit + (met ? ", met" : ", MISSED"));
    }

    /** Three digits are as much as a measurement is good for. */
    private static String number(double value) {
        String format = value >= 100 || value == Math.rint(value) ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    /** A table in Markdown with straight columns: the first has words, the others stand to the right. */
    private static String table(List<List<String>> lines) {
        StringBuilder format = new StringBuilder();
        List<String> rule = new ArrayList<>();
        for (int column = 0; column < lines.getFirst().size(); column++) {
            int at = column;
            int width = lines.stream().mapToInt(line -> line.get(at).length()).reduce(3, Math::max);
            format.append(column == 0 ? "| %-" : "| %").append(width).append("s ");
            rule.add("-".repeat(width - 1) + (column == 0 ? "-" : ":"));
        }
        List<List<String>> all = new ArrayList<>(lines);
        all.add(1, rule);
        return all.stream()
                .map(line -> (format + "|\n").formatted(line.toArray()))
                .collect(Collectors.joining());
    }

    /** Makes docs/PERFORMANCE.md of the last whole {@code make bench} and {@code make soak}; returns where it is. */
    private static Path page(Path docs, Path plots) throws IOException {
        StringBuilder text = new StringBuilder(TextResource.of(Report.class, "page.md"));
        for (String command : List.of("bench", "soak")) {
            text.append("\n## `make ").append(command).append("`\n\n");
            Path values = docs.resolve("performance/" + command + ".json");
            if (Files.exists(values)) {
                Report report = new Report(JSON.fromJson(Files.readString(values)));
                List<List<String>> facts = new ArrayList<>(List.of(List.of("on", "")));
                report.results.facts().forEach((name, value) -> facts.add(List.of(name, value)));
                text.append(table(facts)).append(report.tables());
                for (String plot : report.plots(Files.createDirectories(plots))) {
                    text.append("\n![%1$s](performance/%1$s.svg)\n".formatted(plot));
                }
            } else {
                text.append("Not measured yet.\n");
            }
        }
        return Files.writeString(docs.resolve("PERFORMANCE.md"), text);
    }

    /** Writes the data for {@code plots.gp}: for each line of a plot its name, then x, p50 and p99 of its rows. */
    private Set<String> plots(Path directory) throws IOException {
        Map<String, String> plots = new LinkedHashMap<>();
        Map<String, List<Row>> lines = Rows.OURS.sections(results.rows()).values().stream()
                .flatMap(List::stream)
                .filter(row -> !row.kind().plot().isEmpty())
                .collect(Collectors.groupingBy(row -> row.kind().plot(), LinkedHashMap::new, Collectors.toList()));
        lines.forEach((line, rows) -> {
            String[] names = line.split(" ", 2);
            StringBuilder block = new StringBuilder("\"" + names[1] + "\"\n");
            for (Row row : rows) {
                Percentiles p = row.values();
                double rarer = p.p99() == null ? p.p90() : p.p99();
                block.append(row.x() + " " + p.p50() + " " + rarer + "\n");
            }
            plots.merge(names[0], block + "\n\n", String::concat);
        });
        for (Map.Entry<String, String> plot : plots.entrySet()) {
            Files.writeString(directory.resolve(plot.getKey()), plot.getValue());
        }
        return plots.keySet();
    }
}
