package dev.aegisvm.guest.protocol;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The reading thread of a session: bytes to frames, and pieces to control messages. */
final class FrameReader {
    static final int MAX_MESSAGE = 4 << 20;

    /** How long a message waits for memory. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final byte[] NOTHING = {};

    /** Room for several frames, which one read can take. */
    private static final int INPUT = 4 * Frame.MAX_SIZE;

    private final ByteChannel channel;
    private final Memory memory;
    private final Frames frames;
    private final WholeMessages messages;
    private final ByteBuffer input = ByteBuffer.allocateDirect(INPUT).limit(0);
    private byte[] partial = NOTHING;
    private int partialSize;

    interface Frames {
        void received(Frame frame) throws ProtocolViolation;
    }

    interface WholeMessages {
        /** Must not block. False when nothing more is to be read. */
        boolean message(byte[] json) throws ProtocolViolation;
    }

    FrameReader(ByteChannel channel, Memory memory, Frames frames, WholeMessages messages) {
        this.channel = channel;
        this.memory = memory;
        this.frames = frames;
        this.messages = messages;
    }

    /** Drops what is for an earlier host; false when the guest hung up before its answer to HELLO. */
    boolean skipTo(HelloSearch answer) throws IOException {
        boolean open = true;
        while (open && !answer.takeFrom(input)) {
            open = read();
        }
        return open;
    }

    /** Reads until the guest hangs up or nothing more is wanted; then returns. */
    void run() throws IOException {
        try {
            boolean more = takeFrames();
            while (more) {
                more = read() && takeFrames();
            }
        } finally {
            memory.give(counted(partial));
        }
    }

    private boolean read() throws IOException {
        input.compact();
        boolean open = channel.read(input) >= 0;
        input.flip();
        return open;
    }

    private boolean takeFrames() throws ProtocolViolation {
        boolean more = true;
        @Nullable Frame frame = Frame.decode(input);
        while (more && frame != null) {
            switch (frame) {
                case Frame.Control piece -> more = takePiece(piece);
                case Frame.Hello _, Frame.Data _, Frame.Credit _, Frame.Eof _, Frame.Reset _ -> frames.received(frame);
            }
            frame = Frame.decode(input);
        }
        return more;
    }

    private boolean takePiece(Frame.Control frame) throws ProtocolViolation {
        ByteBuffer piece = frame.piece();
        int size = partialSize + piece.remaining();
        if (size > MAX_MESSAGE) {
            throw new ProtocolViolation("a control message of more than " + MAX_MESSAGE + " bytes");
        }
        if (size > partial.length) {
            grow(frame.more() ? Math.clamp(partial.length * 2L, size, MAX_MESSAGE) : size);
        }
        piece.get(partial, partialSize, piece.remaining());
        partialSize = size;
        if (frame.more()) {
            return true;
        }
        byte[] message = size == partial.length ? partial : Arrays.copyOf(partial, size);
        long held = counted(partial);
        partial = NOTHING;
        partialSize = 0;
        try {
            return messages.message(message);
        } finally {
            memory.give(held);
        }
    }

    private void grow(int length) throws ProtocolViolation {
        if (length > Frame.MAX_PAYLOAD && !memory.take(length - counted(partial), PATIENCE)) {
            throw new ProtocolViolation("a control message of more than " + partialSize
                    + " bytes, but this instance has reached its limit of the daemon's memory");
        }
        partial = Arrays.copyOf(partial, length);
    }

    /** Most messages are of one piece, and are gone at once. */
    private static long counted(byte[] message) {
        return message.length > Frame.MAX_PAYLOAD ? message.length : 0;
    }
}
