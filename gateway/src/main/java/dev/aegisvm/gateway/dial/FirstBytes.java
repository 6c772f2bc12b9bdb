package dev.aegisvm.gateway.dial;

import module java.base;

/** Reads the beginning of what a client sends, of which it must not be believed to be well-formed or whole. */
final class FirstBytes {
    private static final int FIRST_TLS_TYPE = 0x14;
    private static final int LAST_TLS_TYPE = 0x18;
    private static final int TLS_MAJOR = 3;
    private static final int SSL2 = 0x80;

    private FirstBytes() {}

    static Claim read(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return new Claim.Unfinished();
        }
        int first = bytes.get(0) & 0xff;
        if (first >= FIRST_TLS_TYPE && first <= LAST_TLS_TYPE) {
            return tls(bytes);
        }
        return first >= SSL2 ? ssl2(bytes) : HttpHead.read(StandardCharsets.ISO_8859_1.decode(bytes.duplicate()));
    }

    private static Claim tls(ByteBuffer bytes) {
        if (bytes.remaining() == 1) {
            return new Claim.Unfinished();
        }
        return bytes.get(1) == TLS_MAJOR ? ClientHello.read(bytes.duplicate()) : new Claim.None();
    }

    /** How clients of the last century begin; some servers still take it, and it names no host. */
    private static Claim ssl2(ByteBuffer bytes) {
        boolean other =
                (bytes.remaining() > 2 && bytes.get(2) != 1) || (bytes.remaining() > 3 && bytes.get(3) != TLS_MAJOR);
        if (other) {
            return new Claim.None();
        }
        return bytes.remaining() < 4
                ? new Claim.Unfinished()
                : new Claim.Unreadable("begins with TLS as SSL 2 wrote it");
    }
}
