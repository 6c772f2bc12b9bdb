package dev.aegisvm.bench;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table: what was measured, how it came out, and the target.
 *
 * @param name stands for it in the JSON file
 * @param title stands for it in the table; a part of the row before it begins with a blank
 * @param verdict absent where there is no target
 * @param point where it stands in a plot; absent where it is in none
 */
@Json
record Row(
        String name,
        String title,
        String unit,
        Percentiles percentiles,
        @Nullable Verdict verdict,
        @Nullable Point point) {

    /** Whether it is a part of the row before it, or is compared with it. */
    boolean isPart() {
        return title.startsWith(" ");
    }

    /** A place in a plot: which line, and where on the other axis; 0 in a chart of bars. */
    @Json
    record Point(Plot plot, String line, double x) {}

    /** What belongs together: the rows of a subject. */
    @Json
    record Section(String title, List<Row> rows) {}

    /**
     * All that a run of the bench found out, as it is kept in the JSON file.
     *
     * @param facts about the machine and the programs
     * @param failures measures that broke off, and why
     */
    @Json
    record Results(Map<String, String> facts, List<Section> sections, List<String> failures) {
        private static final Set<String> OF_ONE_RUN = Set.of("date", "load before", "load after");

        /** With what an earlier run of the same programs on the same machine has measured besides. */
        Results with(Results earlier) {
            if (!lasting().equals(earlier.lasting())) {
                return this;
            }
            Map<String, Section> measured = new HashMap<>();
            Stream.concat(earlier.sections.stream(), sections.stream())
                    .forEach(each -> measured.put(each.title(), each));
            Stream<String> still = earlier.failures.stream()
                    .filter(failure -> sections.stream().noneMatch(own -> failure.startsWith(own.title() + ":")));
            return new Results(
                    facts,
                    Stream.of(Subject.values())
                            .map(subject -> measured.get(subject.title()))
                            .filter(Objects::nonNull)
                            .toList(),
                    Stream.concat(failures.stream(), still).toList());
        }

        private Map<String, String> lasting() {
            Map<String, String> lasting = new HashMap<>(facts);
            lasting.keySet().removeAll(OF_ONE_RUN);
            return lasting;
        }
    }

    /**
     * What a sample comes down to; each is a value that was really measured (nearest rank).
     *
     * @param n how many values there are
     * @param p99 absent below {@value #ENOUGH_FOR_P99} values, where it would be little more than the maximum
     */
    @Json
    record Percentiles(
            int n,
            double min,
            double p50,
            double p90,
            @Nullable Double p99,
            double max) {
        static final int ENOUGH_FOR_P99 = 300;

        static Percentiles of(List<Double> sample) {
            if (sample.isEmpty()) {
                throw new IllegalArgumentException("nothing was measured");
            }
            double[] sorted =
                    sample.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return new Percentiles(
                    sorted.length,
                    sorted[0],
                    rank(sorted, 50),
                    rank(sorted, 90),
                    sorted.length < ENOUGH_FOR_P99 ? null : rank(sorted, 99),
                    sorted[sorted.length - 1]);
        }

        /** The 99th where it is asked for and there, else the 90th. */
        double tail(boolean wanted) {
            return wanted && p99 != null ? p99 : p90;
        }

        private static double rank(double[] sorted, int percent) {
            return sorted[Math.ceilDiv(sorted.length * percent, 100) - 1];
        }
    }

    /**
     * A target and what came of it.
     *
     * @param target such as {@code ≤ 180 ms}
     * @param came such as {@code 142 ms}
     */
    @Json
    record Verdict(String target, String came, boolean met) {
        static Verdict atMost(double limit, double came, String unit) {
            return new Verdict("≤ " + number(limit) + " " + unit, number(came) + " " + unit, came <= limit);
        }

        static Verdict atLeast(double limit, double came, String unit) {
            return new Verdict("≥ " + number(limit) + " " + unit, number(came) + " " + unit, came >= limit);
        }

        /** Three digits are as much as a measurement is good for. */
        static String number(double value) {
            String format = value >= 100 || value == Math.rint(value) ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
            return String.format(Locale.ROOT, format, value);
        }
    }
}
