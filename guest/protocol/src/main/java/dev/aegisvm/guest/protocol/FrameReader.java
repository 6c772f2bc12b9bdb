package dev.aegisvm.guest.protocol;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The reading thread of a session: bytes to frames, and pieces to control messages. */
final class FrameReader {
    /** The longest control message, in bytes. */
    static final int MAX_MESSAGE = 4 << 20;

    private static final byte[] NOTHING = {};

    private final ByteChannel channel;
    private final ByteBuffer input;
    private final Frames frames;
    private final WholeMessages messages;
    private byte[] partial = NOTHING;
    private int partialSize;

    /** Gets any frame but CONTROL. */
    interface Frames {
        void received(Frame frame) throws ProtocolViolation;
    }

    /** Gets the control messages, put together of their pieces. */
    interface WholeMessages {
        /** False when nothing more is to be read. */
        boolean message(byte[] json) throws ProtocolViolation;
    }

    /** @param input ready to be read from; holds what was read already */
    FrameReader(ByteChannel channel, ByteBuffer input, Frames frames, WholeMessages messages) {
        this.channel = channel;
        this.input = input;
        this.frames = frames;
        this.messages = messages;
    }

    /** Reads until the guest hangs up or nothing more is wanted; then returns. */
    void run() throws IOException {
        boolean more = takeFrames();
        while (more) {
            input.compact();
            more = readMore() && takeFrames();
        }
    }

    private boolean readMore() throws IOException {
        int count = channel.read(input);
        input.flip();
        return count >= 0;
    }

    private boolean takeFrames() throws ProtocolViolation {
        boolean more = true;
        @Nullable Frame frame = FrameCodec.decode(input);
        while (more && frame != null) {
            switch (frame) {
                case Frame.Control piece -> more = takePiece(piece);
                case Frame.Hello _, Frame.Data _, Frame.Credit _, Frame.Eof _, Frame.Reset _ -> frames.received(frame);
            }
            frame = FrameCodec.decode(input);
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
            partial = Arrays.copyOf(partial, frame.more() ? Math.max(size, partial.length * 2) : size);
        }
        piece.get(partial, partialSize, piece.remaining());
        partialSize = size;
        if (frame.more()) {
            return true;
        }
        byte[] message = size == partial.length ? partial : Arrays.copyOf(partial, size);
        partial = NOTHING;
        partialSize = 0;
        return messages.message(message);
    }
}
