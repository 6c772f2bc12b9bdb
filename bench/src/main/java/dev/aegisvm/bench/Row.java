package dev.aegisvm.bench;

import io.avaje.jsonb.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table: what was measured, how it came out, and the target.
 *
 * @param name stands for it in the JSON file
 * @param title stands for it in the table; a part of the row before it begins with a blank
 * @param unit of all its values
 * @param verdict absent where there is no target
 * @param notes how it was measured, where that is not plain
 * @param samples all values, in the order in which they were measured
 */
@Json
record Row(
        String name,
        String title,
        String unit,
        Percentiles percentiles,
        @Nullable Verdict verdict,
        List<String> notes,
        List<Double> samples) {

    /**
     * All that a run of the bench found out, as it is kept in the JSON file.
     *
     * @param facts about the machine and the programs
     * @param failures measures that broke off, and why
     */
    @Json
    record Results(Map<String, String> facts, List<Row> rows, List<String> failures) {}

    static Row of(String name, String title, String unit, List<Double> samples) {
        return new Row(name, title, unit, Percentiles.of(samples), null, List.of(), List.copyOf(samples));
    }

    double p50() {
        return percentiles.p50();
    }

    /** The same row; its median should be at most so much. */
    Row atMost(double limit) {
        return judged(Verdict.atMost(limit, p50(), unit));
    }

    /** The same row; its median should be at most so much more than that of another. */
    Row atMostMore(double more, Row than) {
        return atMost(than.p50() + more);
    }

    /** The same row; its median should be at most so many times that of another. */
    Row atMostTimes(double limit, Row other) {
        return judged(Verdict.times(limit, p50(), other.p50()));
    }

    /** The same row; its median should be at least so many percent of that of another. */
    Row atLeastPercent(int percent, Row other) {
        return judged(Verdict.percent(percent, p50(), other.p50()));
    }

    Row judged(Verdict judgement) {
        return new Row(name, title, unit, percentiles, judgement, notes, samples);
    }

    /** The same row with a further note. */
    Row note(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return new Row(name, title, unit, percentiles, verdict, List.copyOf(more), samples);
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
        static Verdict atMost(double limit, double measured, String unit) {
            return new Verdict("≤ " + number(limit) + " " + unit, number(measured) + " " + unit, measured <= limit);
        }

        /** One may take at most {@code limit} times as long as the other. */
        static Verdict times(double limit, double measured, double other) {
            double times = measured / other;
            return new Verdict("≤ " + number(limit) + " ×", number(times) + " ×", times <= limit);
        }

        /** One may take at most the {@code part}th part of the other. */
        static Verdict part(int part, double measured, double other) {
            double came = other / measured;
            return new Verdict("≤ 1/" + part, "1/" + number(came), came >= part);
        }

        /** One has to be at least so many percent of the other. */
        static Verdict percent(int percent, double measured, double other) {
            double came = 100 * measured / other;
            return new Verdict("≥ " + percent + " %", number(came) + " %", came >= percent);
        }

        /** A median and the 99th percentile that are at most so much; few values have no such percentile. */
        static Verdict atMost(double median, double rare, Percentiles measured, String unit) {
            Verdict first = atMost(median, measured.p50(), unit);
            Double p99 = measured.p99();
            if (p99 == null) {
                return first;
            }
            Verdict second = atMost(rare, p99, unit);
            return new Verdict(
                    first.target + ", p99 " + second.target, first.came + ", " + second.came, first.met && second.met);
        }

        /** Three digits are as much as a measurement is good for. */
        static String number(double value) {
            String format = value >= 100 || value == Math.rint(value) ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
            return String.format(Locale.ROOT, format, value);
        }
    }
}
