package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.bench.Results.Percentiles;

/** What the rows of the page say, as {@code rows.txt} has it, whose beginning tells how it is written. */
final class Rows {
    private static final Pattern N = Pattern.compile("\\bN\\b");
    private static final Pattern NUMBER = Pattern.compile("(?<=\\.)\\d+(?=\\.|$)");
    private static final Pattern LAST_WORD = Pattern.compile("[^.]+$");

    static final Rows OURS = new Rows(TextResource.of(Rows.class, "rows.txt"));

    /** Their titles, by the word for a subject. */
    private final Map<String, String> subjects = new LinkedHashMap<>();

    private final Map<String, Kind> kinds = new HashMap<>();

    Rows(String text) {
        String subject = "";
        int group = 0;
        boolean repeated = false;
        for (String line : text.substring(text.indexOf("\n# ")).lines().toList()) {
            String[] cells = Stream.of((line + " | | | |").split("\\|", -1))
                    .map(String::strip)
                    .toArray(String[]::new);
            if (line.startsWith("# ")) {
                subject = cells[0].substring(2);
                subjects.put(subject, cells[1]);
            } else if (!line.isEmpty()) {
                boolean repeats = N.matcher(cells[0]).find();
                group = repeated && repeats ? group : kinds.size();
                repeated = repeats;
                kinds.put(cells[0], new Kind(subject, group, kinds.size(), cells[1], cells[2], cells[3], cells[4]));
            }
        }
    }

    String title(String subject) {
        return Objects.requireNonNull(subjects.get(subject), subject);
    }

    /** Rows by their subjects, all in the order of the page. */
    Map<String, List<Row>> sections(Map<String, Percentiles> measured) {
        return measured.entrySet().stream()
                .map(each -> row(each.getKey(), each.getValue()))
                .sorted(Row.ORDER)
                .collect(Collectors.groupingBy(row -> row.kind.subject, LinkedHashMap::new, Collectors.toList()));
    }

    /** Throws an IllegalArgumentException when there is no row of this name. */
    String known(String name) {
        return row(name, Percentiles.of(List.of(0.0))).name;
    }

    private Row row(String name, Percentiles values) {
        if (kinds.containsKey(name)) {
            return new Row(name, find(name), "", values);
        }
        Matcher number = NUMBER.matcher(name);
        Matcher word = LAST_WORD.matcher(name);
        return number.find()
                ? new Row(name, find(number.replaceFirst("N")), number.group(), values)
                : new Row(name, find(word.replaceFirst("*")), name.substring(name.lastIndexOf('.') + 1), values);
    }

    private Kind find(String kind) {
        return Optional.ofNullable(kinds.get(kind))
                .orElseThrow(() -> new IllegalArgumentException("rows.txt has no row '" + kind + "'"));
    }

    /**
     * A line of the file.
     *
     * @param group the line of the first of those that are repeated together
     * @param plot the name of a plot and that of a line in it; empty where it is in none
     */
    record Kind(String subject, int group, int line, String title, String unit, String target, String plot) {}

    /** @param word what N or * in its kind stand for */
    record Row(String name, Kind kind, String word, Percentiles values) {
        private static final Comparator<Row> ORDER = Comparator.comparingInt((Row row) -> row.kind.group)
                .thenComparingDouble(Row::x)
                .thenComparingInt(row -> row.kind.line);

        /** Whether it is a part of the row before it, or is compared with it. */
        boolean isPart() {
            return kind.title.startsWith("· ");
        }

        String title() {
            return filled(kind.title);
        }

        String target() {
            return filled(kind.target);
        }

        private String filled(String text) {
            return word.isEmpty() ? text : N.matcher(text).replaceAll(word).replace("*", word);
        }

        /** Where it stands in its plot. */
        double x() {
            Matcher number = NUMBER.matcher(name);
            return number.find() ? Double.parseDouble(number.group()) : 0;
        }
    }
}
