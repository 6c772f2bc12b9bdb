package dev.aegisvm.bench;

import module java.base;

/** What can be measured, in the order of the table. */
enum Subject {
    RUN("`echo hi`, as a whole process", Programs::run),
    START("Start of an instance from its template", Starts::start),
    COLD("Cold boot", Starts::cold),
    EXEC("Exec of `true`", Execs::exec),
    RESUME("Pause and resume of an instance", Execs::resume),
    STATUS("`aegis status`", Programs::status),
    MEMORY("Memory of an idle daemon and idle VMs", Memory::idle),
    BYTES("Output and copies of 256 MiB", Bytes::move),
    WAKE("Many connections to a stopped instance", Ports::wake),
    RELAY("An open connection", Ports::echo),
    NETWORK("What a guest reaches, through the gateway and by passt", Networks::reach),
    IMAGES("An image from a registry", ImageTimes::pull),
    WORKSPACE("Files in a workspace", Bytes::files),
    SNAPSHOTS("Snapshots, forks and rewinding", Snapshots::measure),
    DAEMON("Start of a daemon with 1000 stopped instances", Starts::daemon),
    NESTED("With KVM, in a VM that emulates a processor with virtualization", Nested::run),
    /** Takes 25 minutes and most of the machine's memory: only when it is asked for. */
    SOAK("Many instances, woken at random", Soak::soak);

    @FunctionalInterface
    interface Measure {
        /** Throws when what was measured did not do what it should: then its time says nothing. */
        void take(Sandbox sandbox, Turns turns) throws IOException;
    }

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // All are method references.
    final Measure measure;

    Subject(String title, Measure measure) {
        this.title = title;
        this.measure = measure;
    }

    String title() {
        return title;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Those of a list with commas. */
    static Set<Subject> named(String words) {
        Set<Subject> named = EnumSet.noneOf(Subject.class);
        for (String word : words.split(",", -1)) {
            try {
                named.add(valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                throw new IllegalArgumentException("there is no measure '" + word + "'", unknown);
            }
        }
        return named;
    }
}
