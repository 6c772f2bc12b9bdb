package dev.aegisvm.daemon.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lines of one open file, which stays readable when it is renamed or removed. */
final class FileLines {
    static final int BATCH_BYTES = 65_536;

    private @Nullable FileChannel channel;

    boolean isOpen() {
        return channel != null;
    }

    void open(FileChannel opened) {
        channel = opened;
    }

    void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }

    /** Whole lines from an offset on, one at least; none at the limit or the file's end. */
    List<ByteBuffer> read(long offset, long limit) throws IOException {
        int size = BATCH_BYTES;
        while (channel != null) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, Math.max(0, limit - offset)));
            while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {
                // Until it is full or the file ends.
            }
            List<ByteBuffer> lines = lines(buffer.flip());
            if (!lines.isEmpty() || buffer.limit() < size) {
                return lines;
            }
            size *= 4;
        }
        return List.of();
    }

    private static List<ByteBuffer> lines(ByteBuffer bytes) {
        List<ByteBuffer> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                lines.add(bytes.slice(from, i + 1 - from).asReadOnlyBuffer());
                from = i + 1;
            }
        }
        return lines;
    }
}
