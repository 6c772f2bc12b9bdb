package dev.aegisvm.bench;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The results of runs of the bench, as they are kept in the JSON file.
 *
 * @param facts about the machine and the programs
 * @param rows by their names in {@code rows.txt}
 * @param failures by the subject that broke off
 */
@Json
record Results(Map<String, String> facts, Map<String, Percentiles> rows, Map<String, String> failures) {
    private static final Set<String> OF_ONE_RUN = Set.of("date", "load before", "load after");

    /** These and what an earlier run of the same programs on the same machine has measured of other subjects. */
    Results with(Results earlier, Set<String> measured) {
        if (!lasting().equals(earlier.lasting())) {
            return this;
        }
        Map<String, Percentiles> all = new LinkedHashMap<>(rows);
        earlier.rows.forEach(all::putIfAbsent);
        Map<String, String> failed = new LinkedHashMap<>(earlier.failures);
        failed.keySet().removeAll(measured);
        failed.putAll(failures);
        return new Results(facts, all, failed);
    }

    private Map<String, String> lasting() {
        Map<String, String> lasting = new HashMap<>(facts);
        lasting.keySet().removeAll(OF_ONE_RUN);
        return lasting;
    }

    /**
     * A summary of measured values; each is one that was measured (nearest rank).
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

        static Percentiles of(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            int n = sorted.size();
            Double p99 = n < ENOUGH_FOR_P99 ? null : rank(sorted, 99);
            return new Percentiles(n, sorted.getFirst(), rank(sorted, 50), rank(sorted, 90), p99, sorted.getLast());
        }

        private static double rank(List<Double> sorted, int percent) {
            return sorted.get(Math.ceilDiv(sorted.size() * percent, 100) - 1);
        }
    }
}
