package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Computes the digest of what is read, and fails at the end if it is not the expected one. */
public final class VerifiedStream extends ReadThrough {
    private final MessageDigest computation = Digest.sha256();
    private final Digest expected;
    private final String what;
    private boolean checked;

    /**
     * Reads a stream.
     *
     * @param what names the stream in an error, such as "a layer"
     */
    public VerifiedStream(InputStream in, Digest expected, String what) {
        super(in);
        this.expected = expected;
        this.what = what;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = super.read(buffer, offset, count);
        if (read > 0) {
            computation.update(buffer, offset, read);
        } else if (read < 0 && !checked) {
            checked = true;
            Digest found = Digest.finished(computation);
            if (!found.equals(expected)) {
                throw new IOException(ImageException.broken(
                        what + " is not what its digest says: expected " + expected + ", found " + found));
            }
        }
        return read;
    }
}
