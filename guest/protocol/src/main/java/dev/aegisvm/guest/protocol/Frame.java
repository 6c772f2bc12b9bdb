package dev.aegisvm.guest.protocol;

import module java.base;

/** One frame of the channel. A payload is a view of the read buffer, valid until that is used again. */
sealed interface Frame {
    int HEADER = 8;
    int MAX_PAYLOAD = 32768;
    int MAX_SIZE = HEADER + MAX_PAYLOAD;
    int MORE = 0x01;

    /** The nonce tells one session's HELLO from all others. */
    record Hello(UUID nonce) implements Frame {}

    /** A piece of a JSON-RPC message; {@code more} when it is not the last. */
    record Control(boolean more, ByteBuffer piece) implements Frame {}

    record Data(long stream, ByteBuffer bytes) implements Frame {}

    /** The receiver may send this many more bytes (1..2^32-1); stream 0 is the connection. */
    record Credit(long stream, long bytes) implements Frame {}

    /** The sender of this sends no more data on the stream. */
    record Eof(long stream) implements Frame {}

    record Reset(long stream, ResetReason reason) implements Frame {}
}
