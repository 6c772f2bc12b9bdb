package dev.aegisvm.cli.line;

import java.io.IOException;

/** One thing that the command can do. */
public interface Verb {
    /** Our own failures, where the exit code is not a guest's. */
    int FAILED = 1;

    /** Our own failures, where the exit code could be a guest's. */
    int FAILED_BESIDE_GUEST = 125;

    /** What it takes on its command line. */
    Usage usage();

    /** Does it, and gives the exit code. */
    int run(Arguments arguments, Session session) throws IOException, UsageException;

    /** The exit code of our own failures. */
    default int failed() {
        return FAILED;
    }
}
