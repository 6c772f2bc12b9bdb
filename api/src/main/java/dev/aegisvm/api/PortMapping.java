package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A guest port that the host shall expose.
 *
 * @param port the guest's port, 1..65535
 * @param publicPort the host's port, 1..65535; absent: one is chosen
 * @param protocol {@code http} (the default), {@code tcp} or {@code grpc}
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record PortMapping(
        int port, @Nullable Integer publicPort, @Nullable String protocol) {

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
}
