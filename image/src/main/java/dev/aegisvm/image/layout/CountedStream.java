package dev.aegisvm.image.layout;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Tells how much of it was read. */
final class CountedStream extends FilterInputStream {
    private final LongConsumer progress;

    CountedStream(InputStream in, LongConsumer progress) {
        super(in);
        this.progress = progress;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = super.read(buffer, offset, count);
        if (read > 0) {
            progress.accept(read);
        }
        return read;
    }
}
