package dev.aegisvm.bench;

import module java.base;

/**
 * {@code make bench}: measures the product on real VMs, that of the checkout in which it is started. Exits with 1 when something
 * could not be measured.
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
        Row.Results results;
        try (Sandbox sandbox = Sandbox.open(Path.of("").toAbsolutePath())) {
            results = measure(options, sandbox);
            Report.publish(results, options, sandbox.checkout());
        }
        System.exit(results.failures().isEmpty() ? 0 : 1);
    }

    /** Measures all that is asked for, one after the other; a measure that breaks off does not spoil the others. */
    private static Row.Results measure(Options options, Sandbox sandbox) throws IOException {
        say("starting a daemon of its own, and the first VM");
        sandbox.awaitTemplate(Sandbox.ECHO);
        Map<String, String> facts = MachineFacts.gather(sandbox);
        facts.put("runs", Integer.toString(options.runs()));
        facts.forEach((name, value) -> System.out.println(name + ": " + value));
        List<Row.Section> sections = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Subject subject : options.only()) {
            say(subject.title());
            Turns turns = new Turns(options);
            try {
                subject.measure.take(sandbox, turns);
            } catch (IOException | RuntimeException failure) {
                failures.add(subject.title() + ": " + failure);
                say("failed: " + failure);
            }
            sections.add(new Row.Section(subject.title(), turns.rows()));
        }
        facts.put("load after", MachineFacts.load());
        return new Row.Results(facts, sections, failures);
    }

    static void say(String what) {
        System.err.println("bench: " + what);
    }
}
