package dev.aegisvm.cli.line;

/** The command line is wrong: one line that names the mistake and the nearest right form. */
public final class UsageException extends RuntimeException {
    public UsageException(String message) {
        super(message);
    }
}
