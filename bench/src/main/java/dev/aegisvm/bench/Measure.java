package dev.aegisvm.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Something that is measured on a running daemon. */
interface Measure {
    /**
     * Measures.
     *
     * @param runs how many values are wanted, after a warm-up
     * @throws IOException when what was measured did not do what it should: then its time says nothing
     */
    List<Row> take(Sandbox sandbox, int runs) throws IOException;

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

    /** Values that are measured in turn, so that what disturbs one disturbs the others too. */
    final class Turns {
        private final Map<String, Sample> samples = new LinkedHashMap<>();
        private final Map<String, List<Double>> values = new LinkedHashMap<>();
        private boolean counts;

        /** Measures this in each turn, after what was added before. */
        Turns each(String name, Sample sample) {
            samples.put(name, sample);
            return this;
        }

        /** Takes turns: first those of the warm-up, which do not count, then as many as are wanted. */
        Turns run(int warmUp, int runs) throws IOException {
            for (int i = -warmUp; i < runs; i++) {
                counts = i >= 0;
                for (Map.Entry<String, Sample> sample : samples.entrySet()) {
                    keep(sample.getKey(), sample.getValue().take());
                }
            }
            return this;
        }

        /** Keeps a value that a sample found beside its own. */
        double keep(String name, double value) {
            if (counts) {
                values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
            }
            return value;
        }

        Row row(String name, String title, String unit) {
            return Row.of(name, title, unit, values.getOrDefault(name, List.of()));
        }

        /** A row of milliseconds. */
        Row row(String name, String title) {
            return row(name, title, "ms");
        }

        /** The names of what was kept, in the order in which they came. */
        List<String> names() {
            return List.copyOf(values.keySet());
        }
    }
}
