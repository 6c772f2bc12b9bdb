package dev.aegisvm.guest.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The receiving direction of a stream. */
final class StreamInput extends InputStream {
    private final GuestStream stream;

    StreamInput(GuestStream stream) {
        this.stream = stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        return length == 0 ? 0 : stream.read(target, offset, length);
    }

    @Override
    public int available() {
        return stream.available();
    }

    @Override
    public void close() {
        stream.closeIn();
    }
}
