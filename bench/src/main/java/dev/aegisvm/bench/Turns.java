package dev.aegisvm.bench;

import module java.base;

/**
 * Measures in turn, so that what disturbs one value disturbs those it is compared with too. First it is said what there is to
 * measure, in the order of the table, and then {@link #run} takes the turns.
 */
final class Turns {
    @FunctionalInterface
    interface Sample {
        double take() throws IOException;
    }

    @FunctionalInterface
    interface Task {
        void run() throws IOException;
    }

    /** A program that is run to its end; it gives what that printed. */
    @FunctionalInterface
    interface Program {
        String run() throws IOException;
    }

    private final Options options;
    private final Map<String, Metric> metrics = new LinkedHashMap<>();
    private final List<Task> due = new ArrayList<>();
    private boolean warmingUp;

    /** @param options how many values are wanted of each metric; one that takes seconds gets fewer */
    Turns(Options options) {
        this.options = options;
    }

    Metric time(String name, String title, Task task) {
        return each(name, title, () -> millis(task));
    }

    /** The time of a program from before its spawn until it has ended and its output was read; it has to print this. */
    Metric program(String name, String title, String expected, Program program) {
        return time(name, title, () -> {
            String printed = program.run();
            if (!printed.equals(expected)) {
                throw new IOException(title.strip() + " wrote '" + printed + "', not '" + expected + "'");
            }
        });
    }

    /** MB a second of a task that moves {@link Bytes#SIZE}. */
    Metric rate(String name, String title, Task task) {
        return each(name, title, "MB/s", () -> Bytes.SIZE / 1000.0 / millis(task));
    }

    /** Milliseconds that a sample tells. */
    Metric each(String name, String title, Sample sample) {
        return each(name, title, "ms", sample);
    }

    Metric each(String name, String title, String unit, Sample sample) {
        Metric added = metric(name, title, unit);
        step(() -> keep(added, sample.take()));
        return added;
    }

    /** A step of each turn that keeps its values itself. */
    void step(Task step) {
        due.add(step);
    }

    /** What a step tells in milliseconds. */
    Metric metric(String name, String title) {
        return metric(name, title, "ms");
    }

    /** What a step tells; made by the first who names it. */
    Metric metric(String name, String title, String unit) {
        return metrics.computeIfAbsent(name, _ -> new Metric(name, title, unit));
    }

    /** A value of a step; those of a warm-up do not count. */
    void keep(Metric to, double value) {
        if (!warmingUp) {
            to.add(value);
        }
    }

    Metric values(String name, String title, String unit, List<Double> values) {
        Metric made = metric(name, title, unit);
        values.forEach(made::add);
        return made;
    }

    Metric value(String name, String title, String unit, double value) {
        return values(name, title, unit, List.of(value));
    }

    /** Measures what was said since the last time, as often as it is wanted. */
    void run(int warmUp) throws IOException {
        run(warmUp, options.runs());
    }

    /** The same, at most so many times. */
    void run(int warmUp, int most) throws IOException {
        for (int i = -warmUp; i < Math.min(options.runs(), most); i++) {
            warmingUp = i < 0;
            for (Task step : due) {
                step.run();
            }
        }
        due.clear();
    }

    Options options() {
        return options;
    }

    /** Those that have values: a measure may have broken off before it came to the others. */
    List<Row> rows() {
        return metrics.values().stream()
                .filter(metric -> !metric.isEmpty())
                .map(Metric::row)
                .toList();
    }

    /** Does a task so many times at once; throws what one of them threw. */
    static void atOnce(int times, Task task) throws IOException {
        List<Callable<Void>> all = Collections.nCopies(times, () -> {
            task.run();
            return null;
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> each : threads.invokeAll(all)) {
                result(each);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

    static <T> T result(Future<T> of) throws IOException {
        try {
            return of.get();
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

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
