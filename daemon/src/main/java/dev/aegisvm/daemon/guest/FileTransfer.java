package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.*;

/**
 * Content that goes to the guest or comes from it, and what the guest says of it: of a file that is read at once, of
 * what is written or packed at the end. A file that is written takes its place in {@link #finish} and not before.
 */
public final class FileTransfer<T> implements AutoCloseable {
    /** After the last byte, for a disk that is slow. */
    private static final Duration FINISH_LIMIT = Duration.ofMinutes(10);

    private final String wish;
    private final GuestStream stream;
    private final Answer<T> answer;
    private final CompletableFuture<Void> timer;

    interface Answer<T> {
        T within(Duration limit) throws IOException;
    }

    /** @param timer ends what takes too long; completed when that is not wanted any more */
    FileTransfer(String wish, GuestStream stream, Answer<T> answer, CompletableFuture<Void> timer) {
        this.wish = wish;
        this.stream = stream;
        this.answer = answer;
        this.timer = timer;
    }

    /** Blocking. As soon as the guest has failed, a write fails with a {@link FileFailure} that says why. */
    public OutputStream out() {
        return new Sent(stream.out());
    }

    /** Blocking. A read that the guest cannot finish fails with a {@link FileFailure}, also that of the end. */
    public InputStream in() {
        return new Received(stream.in());
    }

    T answer(Duration limit) throws IOException {
        try {
            return answer.within(limit);
        } catch (CallFailed failed) {
            throw FileFailure.of(wish, failed);
        }
    }

    /** All has been written: what the guest says of it. */
    public T finish() throws IOException {
        stream.out().close();
        return answer(FINISH_LIMIT);
    }

    /** Gives up what was not read, or not finished. Idempotent. */
    @Override
    public void close() {
        timer.complete(null);
        stream.close();
    }

    private final class Received extends FilterInputStream {
        Received(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count;
            try {
                count = in.read(target, offset, length);
            } catch (IOException e) {
                throw failure(e);
            }
            if (count < 0) {
                var _ = answer(FINISH_LIMIT);
            }
            return count;
        }

        @Override
        public void close() {
            FileTransfer.this.close();
        }
    }

    private final class Sent extends FilterOutputStream {
        Sent(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            try {
                out.write(source, offset, length);
            } catch (IOException e) {
                throw failure(e);
            }
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        /** Only {@link FileTransfer#finish} ends the content. */
        @Override
        public void close() {}
    }

    /** The guest's reason for the end of the stream, where it has one. */
    private IOException failure(IOException broken) throws IOException {
        var _ = answer(FINISH_LIMIT);
        return FileFailure.brokeOff(wish, broken);
    }
}
