package dev.aegisvm.cli;

import java.io.IOException;

/** Our stdout or stderr does not take what we write. */
final class OutputException extends IOException {
    private static final long serialVersionUID = 1L;

    OutputException(IOException cause) {
        super("cannot write the output: " + cause.getMessage(), cause);
    }

    /** Whoever read it has gone ({@code | head}), which is no failure to speak of. */
    boolean readerLeft() {
        Throwable cause = getCause();
        return cause != null && String.valueOf(cause.getMessage()).contains("Broken pipe");
    }
}
