package dev.aegisvm.api;

import module java.base;

/**
 * A frame of {@code aegis-stream}: a type (1 byte), the payload's length (4 bytes, big-endian, at most
 * {@value #MAX_PAYLOAD}) and the payload, which is not to be changed.
 */
// The order of types is the wire's; frames are not compared by their content.
@SuppressWarnings({"EnumOrdinal", "ArrayRecordComponent"})
public record StreamFrame(Type type, byte[] payload) {
    public static final int MAX_PAYLOAD = 65_536;
    static final int HEADER = 5;

    /**
     * What a frame says; its place here, from 0 on, is the byte that stands for it. {@code openapi.yaml} describes the
     * payloads at the operation {@code exec}.
     */
    public enum Type {
        STDIN,
        STDOUT,
        STDERR,
        RESIZE,
        SIGNAL,
        EXIT,
        ERROR,
        STARTED,
        NOTE,
        CREATED,
        CURSORS
    }

    public StreamFrame {
        if (payload.length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("a frame carries at most " + MAX_PAYLOAD + " bytes");
        }
    }

    /** A frame with a copy of some bytes. */
    public static StreamFrame of(Type type, byte[] bytes, int offset, int length) {
        return new StreamFrame(type, Arrays.copyOfRange(bytes, offset, offset + length));
    }

    public static StreamFrame of(Type type, Record value) {
        return new StreamFrame(type, ApiJson.write(value));
    }

    public static StreamFrame stdinEnd() {
        return new StreamFrame(Type.STDIN, new byte[0]);
    }

    /** Asks for the signal of this number, 1..64. */
    public static StreamFrame signal(int number) {
        return new StreamFrame(Type.SIGNAL, new byte[] {(byte) number});
    }

    public static StreamFrame resize(TerminalSize size) {
        return new StreamFrame(
                Type.RESIZE,
                ByteBuffer.allocate(4)
                        .putShort((short) size.rows())
                        .putShort((short) size.cols())
                        .array());
    }

    public static StreamFrame note(String line) {
        return new StreamFrame(Type.NOTE, line.getBytes(StandardCharsets.UTF_8));
    }

    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    public <T> T value(Class<T> type) {
        return ApiJson.answer(type, payload);
    }

    /** The size of a {@link Type#RESIZE} frame. */
    public TerminalSize size() {
        ByteBuffer buffer = ByteBuffer.wrap(payload);
        return new TerminalSize(buffer.getShort() & 0xffff, buffer.getShort() & 0xffff);
    }

    /** The number of a {@link Type#SIGNAL} frame, 0..255. */
    public int signal() {
        return payload[0] & 0xff;
    }

    public byte[] encode() {
        return ByteBuffer.allocate(HEADER + payload.length)
                .put((byte) type.ordinal())
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    @Override
    public String toString() {
        return type + "[" + payload.length + "]";
    }

    /** Joins the bytes of a connection into frames, however they were cut; holds at most one unfinished frame. */
    public static final class Decoder {
        private final ByteBuffer header = ByteBuffer.allocate(HEADER);
        private Type type = Type.STDIN;
        private ByteBuffer payload = ByteBuffer.allocate(0);

        /**
         * Takes all bytes that remain in the buffer and hands over each frame that they complete.
         *
         * @throws MalformedFrameException when the bytes are no frames; the connection is then of no more use
         */
        public void feed(ByteBuffer bytes, Consumer<StreamFrame> frames) throws MalformedFrameException {
            while (bytes.hasRemaining()) {
                if (header.hasRemaining()) {
                    move(bytes, header);
                    if (header.hasRemaining()) {
                        return;
                    }
                    readHeader();
                }
                move(bytes, payload);
                if (!payload.hasRemaining()) {
                    header.clear();
                    frames.accept(new StreamFrame(type, payload.array()));
                }
            }
        }

        private static void move(ByteBuffer from, ByteBuffer to) {
            int length = Math.min(from.remaining(), to.remaining());
            to.put(from.slice(from.position(), length));
            from.position(from.position() + length);
        }

        private void readHeader() throws MalformedFrameException {
            int code = header.get(0) & 0xff;
            int length = header.getInt(1);
            if (code >= Type.values().length) {
                throw new MalformedFrameException("unknown frame type " + code);
            }
            type = Type.values()[code];
            if (length < 0 || length > MAX_PAYLOAD) {
                throw new MalformedFrameException("a frame of " + Integer.toUnsignedString(length) + " bytes");
            }
            if ((type == Type.RESIZE && length != 4) || (type == Type.SIGNAL && length != 1)) {
                throw new MalformedFrameException("a " + type + " frame of " + length + " bytes");
            }
            payload = ByteBuffer.allocate(length);
        }
    }

    /** Bytes on an {@code aegis-stream} connection that are no frames. */
    public static final class MalformedFrameException extends IOException {
        public MalformedFrameException(String message) {
            super(message);
        }
    }
}
