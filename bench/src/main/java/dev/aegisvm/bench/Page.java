package dev.aegisvm.bench;

import module java.base;

/** docs/PERFORMANCE.md and its plots, made of the last whole {@code make bench} and {@code make soak}. */
final class Page {
    private static final String BEGIN = """
            # Performance

            Made by `make bench` and `make soak`, which measure the product on real VMs; do not edit it.
            [bench/README.md](../bench/README.md) says what each row is and how it is measured. Rows that begin with a dot are
            parts of the row above them, or what that is compared with, measured in turn with it, so that what disturbs one
            disturbs the other; "first row ÷ this" is the ratio of the medians. A percentile is a value that was measured; p99
            is given from 300 values on. A target is of the median unless it says otherwise. In plots the solid line is p50,
            and the dashed one what stands beside its name.
            """;

    private Page() {}

    /** Writes it; returns where it is. */
    static Path write(Path docs) throws IOException {
        StringBuilder text = new StringBuilder(BEGIN);
        for (String command : List.of("bench", "soak")) {
            text.append("\n## `make ").append(command).append("`\n\n");
            Path values = docs.resolve("performance/" + command + ".json");
            if (Files.exists(values)) {
                write(Report.JSON.fromJson(Files.readString(values)), docs, text);
            } else {
                text.append("Not measured yet.\n");
            }
        }
        return Files.writeString(docs.resolve("PERFORMANCE.md"), text);
    }

    private static void write(Row.Results results, Path docs, StringBuilder text) throws IOException {
        List<List<String>> facts = new ArrayList<>(List.of(List.of("on", "")));
        results.facts().forEach((name, value) -> facts.add(List.of(name, value)));
        text.append(Report.table(facts));
        Map<Plot, List<Row>> plots = new EnumMap<>(Plot.class);
        for (Row.Section section : results.sections()) {
            text.append('\n').append(Report.text(section));
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
