package dev.aegisvm.cli;

/** The command line is wrong: one line that names the mistake and the nearest right form. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
