package dev.aegisvm.bench;

import module java.base;

/**
 * What the command line asks for.
 *
 * @param runs measured runs of each subject, after the warm-up; what takes seconds gets fewer
 * @param only what is measured
 * @param json where the results go
 * @param limit when the bench gives up
 */
record Options(int runs, Set<Subject> only, Path json, Duration limit) {
    static final String USAGE =
            """
            make bench [BENCH="options"]
              --runs N         measured runs after the warm-up (300); what takes seconds gets fewer
              --only A,B,...   all but fresh, or of these: %s
              --json FILE      where the results go (bench/target/results.json)
              --minutes N      give up after this time (60)""".formatted(Stream.of(Subject.values()).map(Subject::word).collect(Collectors.joining(",")));

    /** Reads the command line; an IllegalArgumentException has a sentence for the user. */
    static Options parse(List<String> words, Path checkout) {
        int runs = 300;
        Set<Subject> only = EnumSet.complementOf(EnumSet.of(Subject.FRESH));
        Path json = checkout.resolve("bench/target/results.json");
        int minutes = 60;
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String option = rest.next();
            if (!rest.hasNext()) {
                throw new IllegalArgumentException("'" + option + "' is no option, or lacks its value");
            }
            String value = rest.next();
            switch (option) {
                case "--runs" -> runs = number(option, value, 100_000);
                case "--only" -> only = subjects(value);
                case "--json" -> json = Path.of(value).toAbsolutePath();
                case "--minutes" -> minutes = number(option, value, 600);
                default -> throw new IllegalArgumentException("there is no option '" + option + "'");
            }
        }
        return new Options(runs, only, json, Duration.ofMinutes(minutes));
    }

    private static Set<Subject> subjects(String words) {
        return Stream.of(words.split(",", -1))
                .map(Subject::named)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Subject.class)));
    }

    private static int number(String option, String value, int max) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 1 && number <= max) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(option + " takes a number, not '" + value + "'", notANumber);
        }
        throw new IllegalArgumentException(option + " takes 1.." + max + ", not " + value);
    }
}
