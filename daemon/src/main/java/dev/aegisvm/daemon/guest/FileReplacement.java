package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.*;

/**
 * New content for a file of the guest, while it is being written. It takes the file's place in {@link #finish}; until
 * then, and when this is closed without it, the file stays as it was.
 */
public record FileReplacement(String wish, GuestStream stream, CompletableFuture<FromGuest.FileFacts> answer)
        implements AutoCloseable {
    /** After the last byte, for a disk that is slow. */
    private static final Duration FINISH_LIMIT = Duration.ofMinutes(10);

    /** Blocking. As soon as the guest has failed, a write fails with a {@link FileFailure} that says why. */
    public OutputStream out() {
        return new Reporting(stream.out());
    }

    /** All has been written: puts it in the file's place and says what it is now. */
    public FileStat finish() throws IOException {
        stream.out().close();
        return FileStat.of(await());
    }

    /** Gives up, unless it was finished. Idempotent. */
    @Override
    public void close() {
        if (!answer.isDone()) {
            stream.reset(ResetReason.CANCELLED);
        }
    }

    private FromGuest.FileFacts await() throws IOException {
        try {
            return answer.copy()
                    .orTimeout(FINISH_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CallFailed failed) {
                throw FileFailure.of(wish, failed);
            }
            if (e.getCause() instanceof TimeoutException) {
                throw FileFailure.of(wish, new CallFailed(CallFailed.TIMED_OUT, "timed out"));
            }
            throw new IOException("cannot " + wish + " in the guest", e);
        }
    }

    private final class Reporting extends FilterOutputStream {
        Reporting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            try {
                out.write(source, offset, length);
            } catch (IOException e) {
                await(); // says why, when it was the guest
                throw e;
            }
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        /** Only {@link FileReplacement#finish} ends the content. */
        @Override
        public void close() {}
    }
}
