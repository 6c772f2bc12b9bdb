package dev.aegisvm.bench;

import module java.base;

/** What can be measured, in the order of the page; {@code rows.txt} has the titles. */
enum Subject {
    RUN(Commands::run),
    START(Starts::start),
    COLD(Starts::cold),
    EXEC(Commands::exec),
    RESUME(Commands::resume),
    STATUS(Commands::status),
    MEMORY(Usage::idle),
    BYTES(Bytes::move),
    WAKE(LoadTarget::wake),
    RELAY(LoadTarget::relay),
    NETWORK(Networks::reach),
    IMAGES(Images::pull),
    WORKSPACE(Bytes::files),
    SNAPSHOTS(Snapshots::measure),
    DAEMON(Starts::daemon),
    NESTED(Nested::run),
    /** Takes 25 minutes and most of the machine's memory: only when it is asked for. */
    SOAK(Soak::soak);

    interface Measure {
        /** Throws when what was measured did not do what it should: then its time says nothing. */
        void take(Sandbox sandbox, Turns turns) throws IOException;
    }

    @SuppressWarnings("ImmutableEnumChecker") // All are method references.
    final Measure measure;

    Subject(Measure measure) {
        this.measure = measure;
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
