package dev.aegisvm.image.rootfs;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Computes the digest of what is read, and fails at the end if it is not the expected one. */
final class VerifiedStream extends ReadThrough {
    private final MessageDigest computation = Digest.sha256();
    private final Digest expected;
    private final String what;
    private boolean checked;

    /** @param what names the stream in an error, such as "a layer" */
    VerifiedStream(InputStream in, Digest expected, String what) {
        super(in);
        this.expected = expected;
        this.what = what;
    }

    @Override
    protected void passed(byte[] buffer, int offset, int read) {
        computation.update(buffer, offset, read);
    }

    @Override
    protected void ended() throws IOException {
        if (!checked) {
            checked = true;
            Digest found = Digest.finished(computation);
            if (!found.equals(expected)) {
                throw new IOException(ImageException.broken(
                        what + " is not what its digest says: expected " + expected + ", found " + found));
            }
        }
    }
}
