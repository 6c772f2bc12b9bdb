package dev.aegisvm.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the command line asks for.
 *
 * @param runs measured runs of each subject, after the warm-up; what takes seconds gets fewer
 * @param only what is measured
 * @param json where the results go
 * @param limit when the bench gives up
 */
record Options(int runs, Set<Subject> only, Path json, Duration limit) {
    static final String USAGE = """
            make bench [BENCH="options"]
              --runs N         measured runs after the warm-up (300); starts by cold boot and memory get fewer
              --only A,B,...   of: start, restart, cold, run, exec, resume, status, memory, throughput,
                               copies, keys, mcp, wake, relay, asleep, images, imaged, workspace,
                               secrets, daemon, cycles, fresh (all but fresh)
              --json FILE      where the results go (bench/target/results.json)
              --minutes N      give up after this time (60)""";

    static final int MAX_RUNS = 100_000;
    private static final int MAX_MINUTES = 600;

    /** What can be measured, in the order of the table. */
    enum Subject {
        START("start of an instance from its template"),
        RESTART("start of a stopped instance"),
        COLD("cold boot by plain QEMU"),
        RUN("aegis run -- echo hi"),
        EXEC("exec of true"),
        RESUME("pause and resume of an instance"),
        STATUS("aegis status"),
        MEMORY("memory of an idle daemon and idle VMs"),
        THROUGHPUT("256 MB of output"),
        COPIES("copies of 256 MB"),
        KEYS("keys in `aegis shell`"),
        MCP("the MCP server"),
        WAKE("connections to sleeping instances"),
        RELAY("connections to ports"),
        ASLEEP("50 instances that have fallen asleep"),
        IMAGES("an image from a registry"),
        IMAGED("aegis run --image"),
        WORKSPACE("files in a workspace"),
        SECRETS("instances with secrets"),
        DAEMON("start of a daemon with 1000 stopped instances"),
        CYCLES("64 instances created and deleted, 8 at a time"),
        /** Takes minutes and downloads much: only when it is asked for. */
        FRESH("fresh clone to hello");

        private final String title;

        Subject(String title) {
            this.title = title;
        }

        /** What is being done, for whoever waits. */
        String title() {
            return title;
        }

        static Subject named(String name) {
            return Arrays.stream(values())
                    .filter(subject -> subject.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("there is no measure '" + name + "'"));
        }
    }

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static Options parse(List<String> words, Path checkout) {
        Options options = new Options(
                300,
                EnumSet.complementOf(EnumSet.of(Subject.FRESH)),
                checkout.resolve("bench/target/results.json"),
                Duration.ofMinutes(60));
        List<String> rest = new ArrayList<>(words);
        while (!rest.isEmpty()) {
            String option = rest.removeFirst();
            if (rest.isEmpty()) {
                throw new IllegalArgumentException("'" + option + "' is no option, or lacks its value");
            }
            options = options.with(option, rest.removeFirst());
        }
        return options;
    }

    private Options with(String option, String value) {
        return switch (option) {
            case "--runs" -> new Options(number(option, value, MAX_RUNS), only, json, limit);
            case "--only" -> new Options(runs, subjects(value), json, limit);
            case "--json" -> new Options(runs, only, Path.of(value).toAbsolutePath(), limit);
            case "--minutes" -> new Options(runs, only, json, Duration.ofMinutes(number(option, value, MAX_MINUTES)));
            default -> throw new IllegalArgumentException("there is no option '" + option + "'");
        };
    }

    private static Set<Subject> subjects(String names) {
        EnumSet<Subject> named = EnumSet.noneOf(Subject.class);
        for (String name : names.split(",", -1)) {
            named.add(Subject.named(name));
        }
        return named;
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
