package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.bench.Row.Percentiles;
import dev.aegisvm.bench.Row.Point;
import dev.aegisvm.bench.Row.Verdict;
import org.jspecify.annotations.Nullable;

/** What becomes a row: values as they are measured, and the target of their median. */
final class Metric {
    private final String name;
    private final String title;
    private final String unit;
    private final List<Double> values = new ArrayList<>();
    private @Nullable Point point;
    private @Nullable Function<Percentiles, @Nullable Verdict> target;

    Metric(String name, String title, String unit) {
        this.name = name;
        this.title = title;
        this.unit = unit;
    }

    synchronized void add(double value) {
        values.add(value);
    }

    Metric atMost(double limit) {
        return target(own -> Verdict.atMost(limit, own.p50(), unit));
    }

    Metric atMostMore(double more, Metric than) {
        return target(than, (own, other) -> Verdict.atMost(other.p50() + more, own.p50(), unit));
    }

    Metric atMostTimes(double limit, Metric than) {
        return target(than, (own, other) -> Verdict.atMost(limit, own.p50() / other.p50(), "×"));
    }

    /** Of the 99th percentiles, or of the 90th where one of the two has no other. */
    Metric tailAtMostTimes(double limit, Metric than) {
        return target(than, (own, other) -> {
            boolean p99 = own.p99() != null && other.p99() != null;
            return Verdict.atMost(limit, own.tail(p99) / other.tail(p99), p99 ? "× of p99" : "× of p90");
        });
    }

    Metric atLeastTimes(double limit, Metric than) {
        return target(than, (own, other) -> Verdict.atLeast(limit, own.p50() / other.p50(), "×"));
    }

    private Metric target(Function<Percentiles, @Nullable Verdict> judge) {
        target = judge;
        return this;
    }

    /** There is none as long as the other has no values. */
    private Metric target(Metric other, BiFunction<Percentiles, Percentiles, Verdict> judge) {
        return target(own -> other.isEmpty() ? null : judge.apply(own, Percentiles.of(other.values)));
    }

    /** Puts it into a plot. */
    Metric at(Plot plot, String line, double x) {
        point = new Point(plot, line, x);
        return this;
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    Row row() {
        Percentiles percentiles = Percentiles.of(values);
        Verdict verdict = target == null ? null : target.apply(percentiles);
        return new Row(name, title, unit, percentiles, verdict, point);
    }
}
