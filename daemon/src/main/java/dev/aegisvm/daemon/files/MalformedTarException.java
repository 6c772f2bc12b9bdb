package dev.aegisvm.daemon.files;

import java.io.IOException;

/** What a client sent is no tar stream that can be unpacked. */
public final class MalformedTarException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedTarException(String sentence) {
        super(sentence.replaceAll("\\p{Cntrl}", "?"));
    }

    MalformedTarException(String sentence, Throwable cause) {
        super(sentence.replaceAll("\\p{Cntrl}", "?"), cause);
    }
}
