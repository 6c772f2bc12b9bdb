package dev.aegisvm.bench;

import module java.base;

/**
 * {@code make bench}: measures the product of the checkout in which it is started, on real VMs. Exits with 1 when
 * something could not be measured.
 */
public final class Main {
    private static final int USAGE_ERROR = 2;

    private Main() {}

    public static void main(String[] words) throws IOException {
        Options options;
        try {
            options = Options.parse(List.of(words));
        } catch (IllegalArgumentException mistake) {
            System.err.println("bench: " + mistake.getMessage() + "\n" + Options.USAGE);
            System.exit(USAGE_ERROR);
            return;
        }
        Results results;
        try (Sandbox sandbox = Sandbox.open(Path.of("").toAbsolutePath())) {
            results = measure(options, sandbox);
            System.out.print(results.report(sandbox.checkout()));
        }
        System.exit(results.failures().isEmpty() ? 0 : 1);
    }

    /** Measures all that is asked for, one after the other; when a measure fails, the others go on. */
    private static Results measure(Options options, Sandbox sandbox) throws IOException {
        say("starting a daemon of its own, and the first VM");
        sandbox.awaitTemplate(Sandbox.ECHO);
        Map<String, String> facts = sandbox.facts();
        facts.put("runs", Integer.toString(options.runs()));
        facts.forEach((name, value) -> System.out.println(name + ": " + value));
        Map<String, List<Double>> rows = new LinkedHashMap<>();
        Map<String, String> failures = new LinkedHashMap<>();
        for (Subject subject : options.only()) {
            say("measuring " + subject.word());
            Turns turns = new Turns(options);
            try {
                subject.measure.take(sandbox, turns);
            } catch (IOException | RuntimeException failure) {
                failures.put(subject.word(), failure.toString());
                say("failed: " + failure);
            }
            rows.putAll(turns.rows());
        }
        facts.put("load after", Sandbox.found("(\\S+ \\S+ \\S+)", Path.of("/proc/loadavg")));
        List<String> measured = options.only().stream().map(Subject::word).toList();
        return new Results(options.name(), options.isUsual(), measured, facts, rows, failures);
    }

    static void say(String what) {
        System.err.println("bench: " + what);
    }
}
