package dev.aegisvm.bench;

import module java.base;

/** docs/PERFORMANCE.md and its plots, made of the last whole {@code make bench} and {@code make soak}. */
final class Page {
    private Page() {}

    /** Writes it; returns where it is. */
    static Path write(Path docs) throws IOException {
        StringBuilder text = new StringBuilder(Programs.resource("page.md"));
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
        text.append(Report.facts(results));
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
