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

    /** Three digits are as much as a measurement is good for. */
    static String number(double value) {
        String format = value >= 100 || value == Math.rint(value) ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
