package dev.aegisvm.bench;

import module java.base;

/** What can be measured, in the order of the page; {@code rows.txt} has the titles. */
enum Subject {
    RUN(Programs::run),
    START(Starts::start),
    COLD(Starts::cold),
    EXEC(Execs::exec),
    RESUME(Execs::resume),
    STATUS(Programs::status),
    MEMORY(Memory::idle),
    BYTES(Bytes::move),
    WAKE(Ports::wake),
    RELAY(Ports::echo),
    NETWORK(Networks::reach),
    IMAGES(ImageTimes::pull),
    WORKSPACE(Bytes::files),
    SNAPSHOTS(Snapshots::measure),
    DAEMON(Starts::daemon),
    NESTED(Nested::run),
    /** Takes 25 minutes and most of the machine's memory: only when it is asked for. */
    SOAK(Soak::soak);

    @FunctionalInterface
    interface Measure {
        /** Throws when what was measured did not do what it should: then its time says nothing. */
        void take(Sandbox sandbox, Turns turns) throws IOException;
    }

    @SuppressWarnings("ImmutableEnumChecker") // All are method references.
    final Measure measure;

    Subject(Measure measure) {
        this.measure = measure;
    }

    String title() {
        return Rows.OURS.title(word());
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Subject named(String word) {
        return Stream.of(values())
                .filter(subject -> subject.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no measure '" + word + "'"));
    }
}
