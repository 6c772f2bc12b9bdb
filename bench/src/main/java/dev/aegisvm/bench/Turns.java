package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.bench.Results.Percentiles;

/**
 * Measures in turn, so that what disturbs one value disturbs those it is compared with too: first it is told what there
 * is to measure, by names of {@link Rows}, and then {@link #run} takes the turns.
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

    /** A program that is run to its end; returns what that printed. */
    @FunctionalInterface
    interface Program {
        String run() throws IOException;
    }

    private final Options options;
    private final Map<String, List<Double>> values = new LinkedHashMap<>();
    private final List<Task> due = new ArrayList<>();
    private boolean warmingUp;

    /** @param options how many values are wanted of each row; one that takes seconds gets fewer */
    Turns(Options options) {
        this.options = options;
    }

    Options options() {
        return options;
    }

    /** A row of milliseconds that a task takes. */
    void time(String name, Task task) {
        each(name, () -> millis(task));
    }

    /** The time of a program from before its spawn until it has ended and its output was read; it has to print this. */
    void program(String name, String expected, Program program) {
        time(name, () -> {
            String printed = program.run();
            if (!printed.equals(expected)) {
                throw new IOException(name + " wrote '" + printed + "', not '" + expected + "'");
            }
        });
    }

    /** MB a second of a task that moves so many bytes. */
    void rate(String name, long bytes, Task task) {
        each(name, () -> bytes / 1000.0 / millis(task));
    }

    void each(String name, Sample sample) {
        step(() -> keep(name, sample.take()));
    }

    /** A step of each turn that keeps its values itself. */
    void step(Task step) {
        due.add(step);
    }

    /** Adds a value to a row, unless it is of a warm-up. */
    synchronized void keep(String name, double value) {
        if (!warmingUp) {
            values.computeIfAbsent(Rows.OURS.known(name), _ -> new ArrayList<>())
                    .add(value);
        }
    }

    /** Measures what it was told since the last time, as often as it is wanted. */
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

    /** Those that have values: a measure may have broken off before it came to the others. */
    Map<String, Percentiles> rows() {
        Map<String, Percentiles> rows = new LinkedHashMap<>();
        values.forEach((name, all) -> rows.put(name, Percentiles.of(all)));
        return rows;
    }

    /** Does tasks at once; throws what one of them threw. */
    static void atOnce(Task... tasks) throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> all = new ArrayList<>();
            for (Task task : tasks) {
                all.add(threads.submit(() -> {
                    task.run();
                    return null;
                }));
            }
            for (Future<Void> each : all) {
                each.get();
            }
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

    /** Does a task so many times at once. */
    static void atOnce(int times, Task task) throws IOException {
        atOnce(Collections.nCopies(times, task).toArray(Task[]::new));
    }

    static double millis(Task task) throws IOException {
        long begin = System.nanoTime();
        task.run();
        return (System.nanoTime() - begin) / 1e6;
    }
}
