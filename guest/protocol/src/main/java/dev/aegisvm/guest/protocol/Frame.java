package dev.aegisvm.guest.protocol;

import java.nio.ByteBuffer;

/** One frame of the channel. A payload is a view of the buffer that it was read from, valid until that buffer is used again. */
sealed interface Frame {
    int HEADER = 8;
    int MAX_PAYLOAD = 32768;
    int LONGEST = HEADER + MAX_PAYLOAD;
    int MORE = 0x01;

    /** Begins a session. */
    record Hello(Nonce nonce) implements Frame {}

    /** A piece of a JSON-RPC message; {@code more} when it is not the last. */
    record Control(boolean more, ByteBuffer piece) implements Frame {}

    record Data(long stream, ByteBuffer bytes) implements Frame {}

    /** So many more bytes (1..2^32-1) may be sent to the sender of this; stream 0 stands for the connection. */
    record Credit(long stream, long bytes) implements Frame {}

    /** The sender of this sends no more data on the stream. */
    record Eof(long stream) implements Frame {}

    record Reset(long stream, ResetReason reason) implements Frame {}
}
