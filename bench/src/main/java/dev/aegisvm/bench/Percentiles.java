package dev.aegisvm.bench;

import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sample comes down to; each is a value that was really measured (nearest rank).
 *
 * @param n how many values there are
 * @param p99 absent below {@value #ENOUGH_FOR_P99} values, where it would be little more than the maximum
 */
@Json
record Percentiles(
        int n, double min, double p50, double p90, @Nullable Double p99, double max) {
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

    private static double rank(double[] sorted, int percent) {
        return sorted[Math.ceilDiv(sorted.length * percent, 100) - 1];
    }
}
