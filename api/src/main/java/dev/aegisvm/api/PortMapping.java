package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** A guest port that the host shall expose; {@code openapi.yaml} describes its fields. */
@Json(naming = Json.Naming.LowerUnderscore)
public record PortMapping(
        int port, @Nullable Integer publicPort, @Nullable String protocol) {
    public static final int MAX_PORT = 65_535;

    private static final Pattern SYNTAX =
            Pattern.compile("(?:(?:127\\.0\\.0\\.1|localhost):)?(?:(\\d{1,5}):)?(\\d{1,5})(?:/(http|tcp|grpc))?");

    /**
     * Reads {@code [PUBLIC:]GUEST[/PROTOCOL]}; empty for another text. The ports may be out of range. {@code
     * 127.0.0.1:} before it says what is so anyway.
     */
    public static Optional<PortMapping> read(String text) {
        Matcher parts = SYNTAX.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        Integer host = parts.group(1) == null ? null : Integer.valueOf(parts.group(1));
        return Optional.of(new PortMapping(Integer.parseInt(parts.group(2)), host, parts.group(3)));
    }

    public static boolean isPort(int number) {
        return number >= 1 && number <= MAX_PORT;
    }

    public boolean inRange() {
        return isPort(port) && (publicPort == null || isPort(publicPort));
    }

    /** The protocol of a guest's server on an exposed port, for readers; all of them are relayed as bytes. */
    public enum PortProtocol {
        HTTP,
        TCP,
        GRPC;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<PortProtocol> parse(String word) {
            return Arrays.stream(values())
                    .filter(protocol -> protocol.wire().equals(word))
                    .findFirst();
        }
    }
}
