package dev.aegisvm.cli.terminal;

import java.io.IOException;

/** Our stdout or stderr does not take what we write. */
public final class OutputException extends IOException {
    private static final long serialVersionUID = 1L;

    public OutputException(IOException cause) {
        super("cannot write the output: " + cause.getMessage(), cause);
    }

    /** Whoever read it has gone ({@code | head}), which is no failure to speak of. */
    public boolean readerLeft() {
        Throwable cause = getCause();
        return cause != null && String.valueOf(cause.getMessage()).contains("Broken pipe");
    }
}
