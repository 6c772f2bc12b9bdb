package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream;
import dev.aegisvm.guest.protocol.ResetReason;

/**
 * The content of a file of the guest, while it is being read.
 *
 * @param timer ends what is read for too long; completed when that is not wanted any more
 */
public record FileContent(String wish, FileStat stat, GuestStream stream, CompletableFuture<Void> timer)
        implements AutoCloseable {
    /** Blocking, to the end; a read that the guest cannot finish fails with a {@link FileFailure}. */
    public InputStream in() {
        return new Reporting(stream.in());
    }

    /** Gives up what was not read. Idempotent. */
    @Override
    public void close() {
        timer.complete(null);
        stream.reset(ResetReason.CANCELLED);
    }

    private final class Reporting extends FilterInputStream {
        Reporting(InputStream in) {
            super(in);
        }

        @Override
        public void close() {
            FileContent.this.close();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return in.read(target, offset, length);
            } catch (IOException e) {
                throw FileFailure.brokeOff(wish, e);
            }
        }
    }
}
