package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.*;
import org.jspecify.annotations.Nullable;

/**
 * A call about files, and the content that goes with it to the guest or from it. What the guest says of that comes at
 * once for a file that is read, and at the end for what is written or packed.
 */
final class FileTransfer<R extends FromGuest.Result> {
    /** After the last byte, for a disk that is slow. */
    private static final Duration FINISH_LIMIT = Duration.ofMinutes(10);

    private final String wish;
    private final Sent<R> sent;

    FileTransfer(String wish, Sent<R> sent) {
        this.wish = wish;
        this.sent = sent;
    }

    R answer(Duration limit) throws FileFailure {
        try {
            return sent.await(limit);
        } catch (CallFailed failed) {
            throw FileFailure.of(wish, failed);
        }
    }

    /** Sends all that is written, and gives the guest's answer. What fails before that is given up. */
    R send(FileContent content) throws IOException {
        try (GuestStream stream = sent.stream()) {
            content.write(new Outgoing());
            stream.out().close();
            return answer(FINISH_LIMIT);
        }
    }

    /** What comes. The rest is given up when this is closed, or at the deadline. */
    InputStream receive(@Nullable Instant deadline) {
        return new Received(deadline);
    }

    private final class Received extends InputStream {
        private final InputStream in = sent.stream().in();
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        Received(@Nullable Instant deadline) {
            var _ = over.thenRun(sent.stream()::close);
            if (deadline != null) {
                long left = Duration.between(Instant.now(), deadline).toMillis();
                var _ = over.completeOnTimeout(null, Math.max(0, left), TimeUnit.MILLISECONDS);
            }
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
            over.complete(null);
        }
    }

    private final class Outgoing extends OutputStream {
        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            try {
                sent.stream().out().write(source, offset, length);
            } catch (IOException e) {
                throw failure(e);
            }
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }
    }

    /** The guest's reason for the end of the stream, where it has one. */
    private IOException failure(IOException broken) throws IOException {
        var _ = answer(FINISH_LIMIT);
        return FileFailure.brokeOff(wish, broken);
    }
}
