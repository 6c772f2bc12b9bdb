package dev.aegisvm.guest.protocol;

import module java.base;

/** One frame of the channel. A payload is a view of the buffer that it was read from, valid until that buffer is used again. */
sealed interface Frame {
    int HEADER = 8;
    int MAX_PAYLOAD = 32768;
    int MAX_SIZE = HEADER + MAX_PAYLOAD;
    int MORE = 0x01;

    record Hello(Nonce nonce) implements Frame {}

    /** A piece of a JSON-RPC message; {@code more} when it is not the last. */
    record Control(boolean more, ByteBuffer piece) implements Frame {}

    record Data(long stream, ByteBuffer bytes) implements Frame {}

    /** The receiver may send this many more bytes (1..2^32-1); stream 0 is the connection. */
    record Credit(long stream, long bytes) implements Frame {}

    /** The sender of this sends no more data on the stream. */
    record Eof(long stream) implements Frame {}

    record Reset(long stream, ResetReason reason) implements Frame {}

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
}
