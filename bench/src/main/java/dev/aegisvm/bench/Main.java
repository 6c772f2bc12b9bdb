package dev.aegisvm.bench;

import module java.base;

/** {@code make bench}: measures the product on real VMs. Exits with 1 when something could not be measured. */
public final class Main {
    private static final int USAGE_ERROR = 2;
    private static final int TIME_IS_UP = 124;

    private Main() {}

    public static void main(String[] words) throws IOException {
        Path checkout = property("aegis.checkout", ".");
        Options options;
        try {
            options = Options.parse(List.of(words), checkout);
        } catch (IllegalArgumentException mistake) {
            System.err.println("bench: " + mistake.getMessage() + "\n" + Options.USAGE);
            System.exit(USAGE_ERROR);
            return;
        }
        CompletableFuture.delayedExecutor(options.limit().toMinutes(), TimeUnit.MINUTES)
                .execute(() -> {
                    say("giving up after " + options.limit().toMinutes() + " minutes");
                    System.exit(TIME_IS_UP);
                });
        Row.Results results;
        try (Sandbox sandbox = Sandbox.open(checkout, property("aegis.bin", "bin"))) {
            results = measure(options, sandbox);
        }
        System.exit(results.failures().isEmpty() ? 0 : 1);
    }

    private static Path property(String name, String otherwise) {
        return Path.of(System.getProperty(name, otherwise)).toAbsolutePath().normalize();
    }

    /** Measures all that is asked for, one after the other; a measure that breaks off does not spoil the others. */
    private static Row.Results measure(Options options, Sandbox sandbox) throws IOException {
        say("starting a daemon of its own, and the first VM");
        sandbox.awaitTemplate(Sandbox.ECHO);
        Map<String, String> facts = MachineFacts.gather(sandbox);
        facts.forEach((name, value) -> System.out.println(name + ": " + value));
        List<Row> rows = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Subject subject : options.only()) {
            say(subject.title());
            try {
                rows.addAll(subject.measure(sandbox, options.runs()));
            } catch (IOException | RuntimeException failure) {
                failures.add(subject.title() + ": " + failure);
                say("failed: " + failure);
            }
        }
        facts.put("load after", MachineFacts.load());
        Row.Results results = new Row.Results(facts, rows, failures);
        Report.publish(results, options.json());
        return results;
    }

    private static void say(String what) {
        System.err.println("bench: " + what);
    }
}
