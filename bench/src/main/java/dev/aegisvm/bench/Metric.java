package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.bench.Row.Percentiles;
import dev.aegisvm.bench.Row.Verdict;
import org.jspecify.annotations.Nullable;

/** What becomes a row: values as they are measured, and the target of their median. */
final class Metric {
    private final String name;
    private final String title;
    private final String unit;
    private final List<Double> values = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private @Nullable Function<Percentiles, Verdict> target;

    Metric(String name, String title, String unit) {
        this.name = name;
        this.title = title;
        this.unit = unit;
    }

    void add(double value) {
        values.add(value);
    }

    Metric atMost(double limit) {
        return target(own -> Verdict.atMost(limit, own.p50(), unit));
    }

    /** The second limit is that of the 99th percentile; few values have none. */
    Metric atMost(double limit, double rare) {
        return target(own -> {
            Verdict median = Verdict.atMost(limit, own.p50(), unit);
            return own.p99() == null ? median : median.and(Verdict.atMost(rare, own.p99(), unit));
        });
    }

    Metric atMostMore(double more, Metric than) {
        return target(own -> Verdict.atMost(than.p50() + more, own.p50(), unit));
    }

    Metric atMostTimes(double limit, Metric other) {
        return target(own -> Verdict.atMost(limit, own.p50() / other.p50(), "×"));
    }

    Metric atLeastTimes(double limit, Metric other) {
        return target(own -> Verdict.atLeast(limit, own.p50() / other.p50(), "×"));
    }

    Metric atLeastPercent(double limit, Metric other) {
        return target(own -> Verdict.atLeast(limit, 100 * own.p50() / other.p50(), "%"));
    }

    private Metric target(Function<Percentiles, Verdict> judge) {
        target = judge;
        return this;
    }

    /** How it was measured, where that is not plain. */
    Metric note(String note) {
        notes.add(note);
        return this;
    }

    private double p50() {
        return Percentiles.of(values).p50();
    }

    Row row() {
        Percentiles percentiles = Percentiles.of(values);
        Verdict verdict = target == null ? null : target.apply(percentiles);
        return new Row(name, title, unit, percentiles, verdict, List.copyOf(notes), List.copyOf(values));
    }
}
