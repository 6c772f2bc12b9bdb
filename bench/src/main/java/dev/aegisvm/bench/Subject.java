package dev.aegisvm.bench;

import module java.base;

/** What can be measured, in the order of the table. */
enum Subject {
    START("start of an instance from its template", Starts::start),
    RESTART("start of a stopped instance", Starts::restart),
    COLD("cold boot", Starts::cold),
    RUN("aegis run -- echo hi", Programs::run),
    EXEC("exec of true", Execs::exec),
    RESUME("pause and resume of an instance", Execs::resume),
    STATUS("aegis status", Programs::status),
    MEMORY("memory of an idle daemon and idle VMs", Memory::idle),
    THROUGHPUT("256 MB of output", Bytes::output),
    COPIES("copies of 256 MB", Bytes::copies),
    KEYS("keys in `aegis shell`", Programs::keys),
    MCP("the MCP server", Mcp::calls),
    WAKE("connections to sleeping instances", Ports::wake),
    RELAY("connections to ports", Ports::relay),
    ASLEEP("50 instances that have fallen asleep", Memory::asleep),
    IMAGES("an image from a registry", ImageTimes::pull),
    IMAGED("aegis run --image", ImageTimes::run),
    WORKSPACE("files in a workspace", WorkspaceFiles::files),
    SECRETS("instances with secrets", Starts::secrets),
    DAEMON("start of a daemon with 1000 stopped instances", Daemons::start),
    CYCLES("64 instances created and deleted, 8 at a time", Daemons::cycles),
    /** Takes minutes and downloads much: only when it is asked for. */
    FRESH("fresh clone to hello", Programs::fresh);

    @FunctionalInterface
    private interface Measure {
        /** Throws when what was measured did not do what it should: then its time says nothing. */
        void take(Sandbox sandbox, Turns turns) throws IOException;
    }

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // All are method references.
    private final Measure measure;

    Subject(String title, Measure measure) {
        this.title = title;
        this.measure = measure;
    }

    String title() {
        return title;
    }

    /** Measures as many values as {@code runs} says, after a warm-up. */
    List<Row> measure(Sandbox sandbox, int runs) throws IOException {
        Turns turns = new Turns(runs);
        measure.take(sandbox, turns);
        return turns.rows();
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
