package dev.aegisvm.guest.protocol;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The 16 random bytes that tell one session's HELLO from all others, as 32 hex digits. */
record Nonce(String hex) {
    static final int BYTES = 16;
    private static final HexFormat HEX = HexFormat.of();

    static Nonce random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new Nonce(HEX.formatHex(bytes));
    }

    static Nonce read(ByteBuffer in) {
        byte[] bytes = new byte[BYTES];
        in.get(bytes);
        return new Nonce(HEX.formatHex(bytes));
    }

    byte[] bytes() {
        return HEX.parseHex(hex);
    }
}
