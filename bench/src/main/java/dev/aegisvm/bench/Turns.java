package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.TextResource;

/**
 * Measures in turn, so that what disturbs one value disturbs those it is compared with too: first it is told what there
 * is to measure, by names in {@code rows.txt}, and then {@link #run} takes the turns.
 */
final class Turns {
    /** What has a result: a value of a row, or what a program printed that was run to its end. */
    interface Work<T> {
        T result() throws IOException;
    }

    interface Task {
        void run() throws IOException;
    }

    /** The names of rows, in which N stands for a number and * for a word. */
    private static final Pattern ROWS = Pattern.compile(TextResource.of(Turns.class, "rows.txt")
            .lines()
            .dropWhile(line -> !line.startsWith("# "))
            .filter(line -> line.matches("[a-z].*"))
            .map(line -> line.substring(0, line.indexOf(" |")).replace(".", "\\."))
            .map(name -> name.replaceAll("\\bN\\b", "\\\\d+").replace("*", "[^.]+"))
            .collect(Collectors.joining("|")));

    private final Options options;
    private final Map<String, List<Double>> values = new LinkedHashMap<>();
    private final List<Task> due = new ArrayList<>();
    private boolean warmingUp;

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
    void program(String name, String expected, Work<String> program) {
        time(name, () -> {
            String printed = program.result();
            if (!printed.equals(expected)) {
                throw new IOException(name + " wrote '" + printed + "', not '" + expected + "'");
            }
        });
    }

    /** MB a second of a task that moves so many bytes. */
    void rate(String name, long bytes, Task task) {
        each(name, () -> bytes / 1000.0 / millis(task));
    }

    void each(String name, Work<Number> sample) {
        step(() -> keep(name, sample.result().doubleValue()));
    }

    /** A step of each turn that keeps its values itself. */
    void step(Task step) {
        due.add(step);
    }

    /** Adds a value to a row, unless it is of a warm-up; throws when there is no row of this name. */
    synchronized void keep(String name, double value) {
        if (!ROWS.matcher(name).matches()) {
            throw new IllegalArgumentException("rows.txt has no row '" + name + "'");
        }
        if (!warmingUp) {
            values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
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
    Map<String, List<Double>> rows() {
        return values;
    }

    /** Does tasks at once; throws what one of them threw. */
    static void atOnce(List<Task> tasks) throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Double>> timed = tasks.stream()
                    .<Callable<Double>>map(task -> () -> millis(task))
                    .toList();
            for (Future<Double> each : threads.invokeAll(timed)) {
                each.get();
            }
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
        return (System.nanoTime() - begin) / 1e6;
    }

    /** Waits until a number has come to rest: so many looks together decide, with this time between two of them. */
    record Quiet(Duration look, int looks, Duration limit) {
        /** Returns the number once it has changed by so much at most; throws when that does not come. */
        double await(double most, Work<Number> number) throws IOException {
            Deque<Double> seen = new ArrayDeque<>();
            long end = System.nanoTime() + limit.toNanos();
            while (System.nanoTime() < end) {
                seen.addLast(number.result().doubleValue());
                if (seen.size() > looks) {
                    if (Collections.max(seen) - Collections.min(seen) <= most) {
                        return seen.getLast();
                    }
                    seen.removeFirst();
                }
                LockSupport.parkNanos(look.toNanos());
            }
            throw new IOException("no quiet within " + limit.toSeconds() + " s, but " + seen);
        }
    }
}
