package dev.aegisvm.guest.protocol;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * One frame of the channel, and its bytes, which are big-endian. A payload is a view of the read buffer, valid until
 * that is used again.
 */
sealed interface Frame {
    int HEADER = 8;
    int MAX_PAYLOAD = 32768;
    int MAX_SIZE = HEADER + MAX_PAYLOAD;
    int MORE = 0x01;
    long MAGIC = 0x4145474953564d00L; // "AEGISVM\0"
    int VERSION = 1;

    record Hello(UUID nonce) implements Frame {}

    /** A piece of a JSON-RPC message; {@code more} when it is not the last. */
    record Control(boolean more, ByteBuffer piece) implements Frame {}

    record Data(long stream, ByteBuffer bytes) implements Frame {}

    /** The receiver may send this many more bytes (1..2^32-1); stream 0 is the connection. */
    record Credit(long stream, long bytes) implements Frame {}

    /** The sender of this sends no more data on the stream. */
    record Eof(long stream) implements Frame {}

    record Reset(long stream, ResetReason reason) implements Frame {}

    /**
     * Takes the next frame from the buffer, or null when it is not there as a whole; then nothing is taken.
     *
     * @throws ProtocolViolation as soon as the bytes cannot become a frame: for a wrong header at its 8th byte
     */
    static @Nullable Frame decode(ByteBuffer in) throws ProtocolViolation {
        if (in.remaining() < HEADER) {
            return null;
        }
        int start = in.position();
        FrameType type = FrameType.of(in.get(start) & 0xFF);
        int flags = in.get(start + 1) & 0xFF;
        int length = in.getShort(start + 2) & 0xFFFF;
        long stream = in.getInt(start + 4) & 0xFFFFFFFFL;
        type.check(flags, length, stream);
        if (in.remaining() < HEADER + length) {
            return null;
        }
        ByteBuffer payload = in.slice(start + HEADER, length);
        in.position(start + HEADER + length);
        return switch (type) {
            case HELLO -> hello(payload);
            case CONTROL -> new Control(flags == MORE, payload);
            case DATA -> new Data(stream, payload);
            case CREDIT -> credit(stream, payload);
            case EOF -> new Eof(stream);
            case RESET -> new Reset(stream, ResetReason.of(payload.getInt() & 0xFFFFFFFFL));
        };
    }

    private static Frame hello(ByteBuffer payload) throws ProtocolViolation {
        if (payload.getLong() != MAGIC) {
            throw new ProtocolViolation("HELLO frame with a wrong magic");
        }
        int version = payload.getShort() & 0xFFFF;
        if (version != VERSION || payload.getShort() != 0) {
            throw new ProtocolViolation("HELLO frame of version " + version + ", not " + VERSION);
        }
        return new Hello(new UUID(payload.getLong(), payload.getLong()));
    }

    private static Frame credit(long stream, ByteBuffer payload) throws ProtocolViolation {
        long bytes = payload.getInt() & 0xFFFFFFFFL;
        if (bytes == 0) {
            throw new ProtocolViolation("CREDIT frame of 0 bytes");
        }
        return new Credit(stream, bytes);
    }

    /** Puts it into a buffer that has room for it: {@link #MAX_SIZE} bytes are enough. */
    default void encode(ByteBuffer out) {
        switch (this) {
            case Hello(UUID nonce) -> {
                header(FrameType.HELLO, 0, 28, 0, out);
                out.putLong(MAGIC).putShort((short) VERSION).putShort((short) 0);
                out.putLong(nonce.getMostSignificantBits()).putLong(nonce.getLeastSignificantBits());
            }
            case Control(boolean more, ByteBuffer piece) -> {
                header(FrameType.CONTROL, more ? MORE : 0, piece.remaining(), 0, out);
                out.put(piece.duplicate());
            }
            case Data(long stream, ByteBuffer bytes) -> {
                dataHeader(stream, bytes.remaining(), out);
                out.put(bytes.duplicate());
            }
            case Credit(long stream, long bytes) -> {
                header(FrameType.CREDIT, 0, 4, stream, out);
                out.putInt((int) bytes);
            }
            case Eof(long stream) -> header(FrameType.EOF, 0, 0, stream, out);
            case Reset(long stream, ResetReason reason) -> {
                header(FrameType.RESET, 0, 4, stream, out);
                out.putInt(reason.code());
            }
        }
    }

    /** The header of a DATA frame whose payload (1..32768 bytes) the caller puts behind it. */
    static void dataHeader(long stream, int length, ByteBuffer out) {
        header(FrameType.DATA, 0, length, stream, out);
    }

    private static void header(FrameType type, int flags, int length, long stream, ByteBuffer out) {
        out.put(type.code()).put((byte) flags).putShort((short) length).putInt((int) stream);
    }

    /** The six kinds of frame, with what their headers may say. */
    enum FrameType {
        HELLO(1, 28, 28),
        CONTROL(2, 0, MAX_PAYLOAD),
        DATA(3, 1, MAX_PAYLOAD),
        CREDIT(4, 4, 4),
        EOF(5, 0, 0),
        RESET(6, 4, 4);

        private static final FrameType[] ALL = values();

        private final int code;
        private final int min;
        private final int max;

        FrameType(int code, int min, int max) {
            this.code = code;
            this.min = min;
            this.max = max;
        }

        static FrameType of(int code) throws ProtocolViolation {
            if (code < 1 || code > ALL.length) {
                throw new ProtocolViolation("unknown frame type " + code);
            }
            return ALL[code - 1];
        }

        byte code() {
            return (byte) code;
        }

        /** Checks a header as far as it goes without the payload. */
        void check(int flags, int length, long stream) throws ProtocolViolation {
            int known = switch (this) {
                case CONTROL -> MORE;
                case HELLO, DATA, CREDIT, EOF, RESET -> 0;
            };
            if ((flags & ~known) != 0) {
                throw new ProtocolViolation(this + " frame with unknown flags " + flags);
            }
            if (length < min || length > max) {
                throw new ProtocolViolation(this + " frame with a payload of " + length + " bytes");
            }
            boolean fits = switch (this) {
                case HELLO, CONTROL -> stream == 0;
                case DATA, EOF, RESET -> stream != 0;
                case CREDIT -> true;
            };
            if (!fits) {
                throw new ProtocolViolation(this + " frame on stream " + stream);
            }
        }
    }
}
