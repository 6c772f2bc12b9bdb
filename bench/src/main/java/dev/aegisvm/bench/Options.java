package dev.aegisvm.bench;

import module java.base;

/** What the command line asks for, as {@link #USAGE} describes it. */
record Options(int runs, Set<Subject> only, int instances, int minutes) {
    static final Options ALL = new Options(300, EnumSet.complementOf(EnumSet.of(Subject.SOAK)), 100, 10);

    static final String USAGE =
            """
            make bench [BENCH="options"]
            make soak [SOAK_INSTANCES=100] [SOAK_MINUTES=10] [BENCH="options"]
              --runs N         measured runs after the warm-up (300); what takes seconds gets fewer
              --only A,B,...   all but soak, or of these: %s
              --instances N    of the soak (100)
              --minutes N      of the soak (10)""".formatted(Stream.of(Subject.values()).map(Subject::word).collect(Collectors.joining(",")));

    /** Reads the command line; an IllegalArgumentException has a sentence for the user. */
    static Options parse(List<String> words) {
        Options options = ALL;
        for (Iterator<String> rest = words.iterator(); rest.hasNext(); ) {
            String option = rest.next();
            if (!rest.hasNext()) {
                throw new IllegalArgumentException("'" + option + "' is no option, or lacks its value");
            }
            options = options.with(option, rest.next());
        }
        return options;
    }

    private Options with(String option, String value) {
        return switch (option) {
            case "--runs" -> new Options(number(option, value), only, instances, minutes);
            case "--only" -> {
                Set<Subject> named =
                        Stream.of(value.split(",", -1)).map(Subject::named).collect(Collectors.toSet());
                yield new Options(runs, EnumSet.copyOf(named), instances, minutes);
            }
            case "--instances" -> new Options(runs, only, number(option, value), minutes);
            case "--minutes" -> new Options(runs, only, instances, number(option, value));
            default -> throw new IllegalArgumentException("there is no option '" + option + "'");
        };
    }

    /** Whether nothing is made smaller. */
    boolean isUsual() {
        return new Options(runs, ALL.only, instances, minutes).equals(ALL);
    }

    /** What the files with its results are called. */
    String name() {
        return only.equals(EnumSet.of(Subject.SOAK)) ? "soak" : "bench";
    }

    private static int number(String option, String value) {
        if (!value.matches("[1-9]\\d{0,5}")) {
            throw new IllegalArgumentException(option + " takes a number from 1, not '" + value + "'");
        }
        return Integer.parseInt(value);
    }
}
