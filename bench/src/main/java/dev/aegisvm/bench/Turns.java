package dev.aegisvm.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures in turn, so that what disturbs one value disturbs those it is compared with too. First it is said what there is to
 * measure, in the order of the table, and then {@link #run} takes the turns.
 */
final class Turns {
    /** One value of a series. */
    @FunctionalInterface
    interface Sample {
        double take() throws IOException;
    }

    /** Something whose time is taken. */
    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    private final int runs;
    private final Map<String, Series> series = new LinkedHashMap<>();
    private final List<Task> due = new ArrayList<>();
    private boolean warmingUp;

    /** @param runs how many values are wanted of each series; one that takes seconds gets fewer */
    Turns(int runs) {
        this.runs = runs;
    }

    /** The time of a task. */
    Series time(String name, String title, Task task) {
        return each(name, title, "ms", () -> millis(task));
    }

    /** Milliseconds that a sample tells. */
    Series each(String name, String title, Sample sample) {
        return each(name, title, "ms", sample);
    }

    /** Values of another kind. */
    Series each(String name, String title, String unit, Sample sample) {
        Series added = series(name, title, unit);
        step(() -> keep(added, sample.take()));
        return added;
    }

    /** A step of each turn that keeps its values itself. */
    void step(Task step) {
        due.add(step);
    }

    /** A series of milliseconds whose values come from a step. */
    Series series(String name, String title) {
        return series(name, title, "ms");
    }

    /** The series of this name, whose values come from a step. */
    Series series(String name, String title, String unit) {
        return series.computeIfAbsent(name, _ -> new Series(name, title, unit));
    }

    /** A value of a step; those of a warm-up do not count. */
    void keep(Series to, double value) {
        if (!warmingUp) {
            to.add(value);
        }
    }

    /** A series of values that are at hand. */
    Series values(String name, String title, String unit, List<Double> values) {
        Series made = series(name, title, unit);
        values.forEach(made::add);
        return made;
    }

    /** A series of one value. */
    Series value(String name, String title, String unit, double value) {
        return values(name, title, unit, List.of(value));
    }

    /** Measures what was said since the last time, as often as it is wanted. */
    void run(int warmUp) throws IOException {
        run(warmUp, runs);
    }

    /** The same, at most so many times. */
    void run(int warmUp, int most) throws IOException {
        for (int i = -warmUp; i < Math.min(runs, most); i++) {
            warmingUp = i < 0;
            for (Task step : due) {
                step.run();
            }
        }
        due.clear();
    }

    int runs() {
        return runs;
    }

    List<Row> rows() {
        return series.values().stream().map(Series::row).toList();
    }

    /** Milliseconds that a task takes. */
    static double millis(Task task) throws IOException {
        long begin = System.nanoTime();
        task.run();
        return since(begin);
    }

    /** Milliseconds since {@code System.nanoTime()} was this. */
    static double since(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }
}
