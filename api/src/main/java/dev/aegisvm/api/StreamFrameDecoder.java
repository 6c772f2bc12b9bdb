package dev.aegisvm.api;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Puts the bytes of a connection together into frames, however they were cut; holds one unfinished frame at most. */
public final class StreamFrameDecoder {
    private final byte[] header = new byte[StreamFrame.HEADER];
    private int headerFilled;
    private StreamFrame.Type type = StreamFrame.Type.STDIN;
    private byte[] payload = new byte[0];
    private int payloadFilled;

    /**
     * Takes all bytes that remain in the buffer and hands over each frame that they complete.
     *
     * @throws StreamFrameException when the bytes are no frames; the connection is then of no more use
     */
    public void feed(ByteBuffer bytes, Consumer<StreamFrame> frames) throws StreamFrameException {
        while (bytes.hasRemaining()) {
            if (headerFilled < header.length) {
                int take = Math.min(header.length - headerFilled, bytes.remaining());
                bytes.get(header, headerFilled, take);
                headerFilled += take;
                if (headerFilled < header.length) {
                    return;
                }
                readHeader();
            }
            int take = Math.min(payload.length - payloadFilled, bytes.remaining());
            bytes.get(payload, payloadFilled, take);
            payloadFilled += take;
            if (payloadFilled == payload.length) {
                StreamFrame frame = StreamFrame.of(type, payload, 0, payload.length);
                headerFilled = 0;
                frames.accept(frame);
            }
        }
    }

    private void readHeader() throws StreamFrameException {
        int code = header[0] & 0xff;
        int length = ByteBuffer.wrap(header).getInt(1);
        type = StreamFrame.Type.of(code).orElseThrow(() -> new StreamFrameException("unknown frame type " + code));
        if (length < 0 || length > StreamFrame.MAX_PAYLOAD) {
            throw new StreamFrameException("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        if ((type == StreamFrame.Type.RESIZE && length != 4) || (type == StreamFrame.Type.SIGNAL && length != 1)) {
            throw new StreamFrameException("a " + type + " frame of " + length + " bytes");
        }
        payload = new byte[length];
        payloadFilled = 0;
    }
}
