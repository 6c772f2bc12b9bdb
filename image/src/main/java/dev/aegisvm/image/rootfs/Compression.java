package dev.aegisvm.image.rootfs;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/** How a layer is compressed. The first bytes tell, since media types are not always right. */
public final class Compression {
    private static final int BUFFER = 128 * 1024;
    private static final int MAGIC = 4;

    private Compression() {}

    /** Decompresses gzip and zstd; other streams pass through. */
    public static InputStream undo(InputStream in) throws IOException {
        PushbackInputStream stream = new PushbackInputStream(in, BUFFER);
        byte[] start = stream.readNBytes(MAGIC);
        stream.unread(start);
        if (matches(start, 0x1f, 0x8b)) {
            return new GZIPInputStream(stream, BUFFER);
        }
        if (matches(start, 0x28, 0xb5, 0x2f, 0xfd)) {
            return new ZstdInputStreamNoFinalizer(stream);
        }
        return stream;
    }

    /** Whether a stream that starts like this is compressed. */
    public static boolean isCompressed(byte[] start) {
        return matches(start, 0x1f, 0x8b) || matches(start, 0x28, 0xb5, 0x2f, 0xfd);
    }

    private static boolean matches(byte[] start, int... magic) {
        if (start.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((start[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
