package dev.aegisvm.bench;

import io.avaje.jsonb.Json;
import java.util.Locale;

/**
 * A wish and what came of it.
 *
 * @param wish such as {@code ≤ 180 ms}
 * @param came such as {@code 142 ms}
 */
@Json
record Verdict(String wish, String came, boolean met) {

    static Verdict atMost(double limit, double measured, String unit) {
        return new Verdict("≤ " + number(limit) + " " + unit, number(measured) + " " + unit, measured <= limit);
    }

    /** One may take at most {@code limit} times as long as the other. */
    static Verdict atMostTimes(double limit, double measured, double other) {
        double times = measured / other;
        return new Verdict("≤ " + number(limit) + " ×", number(times) + " ×", times <= limit);
    }

    /** One may take at most the {@code part}th part of the other. */
    static Verdict atMostPart(int part, double measured, double other) {
        double came = other / measured;
        return new Verdict("≤ 1/" + part, "1/" + number(came), came >= part);
    }

    /** One has to be at least so many percent of the other. */
    static Verdict atLeastPercent(int percent, double measured, double other) {
        double came = 100 * measured / other;
        return new Verdict("≥ " + percent + " %", number(came) + " %", came >= percent);
    }

    /** A median and the 99th percentile that are at most so much; the latter is absent of few values, and then no matter. */
    static Verdict atMost(double median, double rare, Percentiles measured, String unit) {
        Verdict first = atMost(median, measured.p50(), unit);
        Double p99 = measured.p99();
        if (p99 == null) {
            return first;
        }
        Verdict second = atMost(rare, p99, unit);
        return new Verdict(
                first.wish + ", p99 " + second.wish, first.came + ", " + second.came, first.met && second.met);
    }

    /** Three digits are as much as a measurement is good for. */
    static String number(double value) {
        String format = value >= 100 || value == Math.rint(value) ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
