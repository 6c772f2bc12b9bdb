package dev.aegisvm.guest.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** The sending direction of a stream. Bytes are on their way as soon as credit allows; there is nothing to flush. */
final class StreamOutput extends OutputStream {
    private final GuestStream stream;

    StreamOutput(GuestStream stream) {
        this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        int written = 0;
        while (written < length) {
            written += stream.write(source, offset + written, length - written);
        }
    }

    @Override
    public void close() {
        stream.closeOut();
    }
}
