package dev.aegisvm.api;

import java.util.Locale;
import java.util.Optional;

/** What a guest's server speaks on an exposed port. All of them are relayed as bytes; it is for those who read it. */
public enum PortProtocol {
    HTTP,
    TCP,
    GRPC;

    /** The word in JSON and on the command line. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The protocol of a word, if it is one. */
    public static Optional<PortProtocol> parse(String word) {
        for (PortProtocol protocol : values()) {
            if (protocol.wire().equals(word)) {
                return Optional.of(protocol);
            }
        }
        return Optional.empty();
    }
}
