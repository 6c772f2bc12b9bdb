package dev.aegisvm.bench;

import io.avaje.jsonb.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table: what was measured, how it came out, and what was wished.
 *
 * @param name stands for it in the JSON file
 * @param title stands for it in the table; a part of the row before it begins with a blank
 * @param unit of all its values
 * @param verdict absent where nothing is wished
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

    static Row of(String name, String title, String unit, List<Double> samples) {
        return new Row(name, title, unit, Percentiles.of(samples), null, List.of(), List.copyOf(samples));
    }

    double p50() {
        return percentiles.p50();
    }

    /** The same row, whose median should be at most so much. */
    Row atMost(double limit) {
        return judged(Verdict.atMost(limit, p50(), unit));
    }

    /** The same row, whose median and whose 99th percentile should be at most so much. */
    Row atMost(double median, double rare) {
        return judged(Verdict.atMost(median, rare, percentiles, unit));
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
}
