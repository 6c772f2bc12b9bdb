package dev.aegisvm.cli.line;

import java.io.IOException;

/** One thing that the command can do, what it takes on its command line, and the exit code of our own failures. */
public record Verb(Usage usage, int failed, Action action) {
    /** Our own failures, where the exit code is not a guest's. */
    public static final int FAILED = 1;

    /** Our own failures, where the exit code could be a guest's. */
    public static final int FAILED_BESIDE_GUEST = 125;

    public interface Action {
        int run(Arguments arguments, Session session) throws IOException;
    }

    public Verb(Usage usage, Action action) {
        this(usage, FAILED, action);
    }
}
