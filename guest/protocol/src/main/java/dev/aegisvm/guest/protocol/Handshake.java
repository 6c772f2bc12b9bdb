package dev.aegisvm.guest.protocol;

import module java.base;

/** Begins a session: sends HELLO with a new nonce, then looks for the answer. */
final class Handshake {
    /** Room for several frames, which one read can take. */
    private static final int INPUT = 4 * Frame.MAX_SIZE;

    private static final SecureRandom RANDOM = new SecureRandom();

    private Handshake() {}

    /**
     * Returns the input buffer, ready to be read from, with what came behind the answer. Closes the channel on failure;
     * that also ends a thread that waits for the guest, which an interrupt must never do.
     */
    static ByteBuffer perform(ByteChannel channel, Duration timeout) throws IOException {
        FutureTask<ByteBuffer> answer = new FutureTask<>(() -> exchange(channel));
        Thread.ofVirtual().name("guest-hello").start(answer);
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            channel.close();
            throw new IOException("the guest did not answer HELLO within " + timeout.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            channel.close();
            throw new IOException("the guest did not answer HELLO: " + reason(e), e);
        } catch (InterruptedException e) {
            channel.close();
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for the guest").initCause(e);
        }
    }

    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause.getMessage());
    }

    private static ByteBuffer exchange(ByteChannel channel) throws IOException {
        UUID nonce = new UUID(RANDOM.nextLong(), RANDOM.nextLong());
        ByteBuffer input = ByteBuffer.allocateDirect(INPUT);
        new Frame.Hello(nonce).encode(input);
        input.flip();
        while (input.hasRemaining()) {
            channel.write(input);
        }
        HelloSearch search = new HelloSearch(nonce);
        while (!search.takeFrom(input)) {
            input.clear();
            if (channel.read(input) < 0) {
                throw new IOException("it closed its channel");
            }
            input.flip();
        }
        return input;
    }

    /** Looks for the answer to a HELLO and drops all bytes before it, which are for an earlier host. */
    static final class HelloSearch {
        private final byte[] wanted;
        private final byte[] latest;

        HelloSearch(UUID nonce) {
            ByteBuffer pattern = ByteBuffer.allocate(new Frame.Hello(nonce).size());
            new Frame.Hello(nonce).encode(pattern);
            wanted = pattern.array();
            latest = new byte[wanted.length];
        }

        /** Takes bytes up to and with the HELLO, or all of them; true when the HELLO went by. */
        boolean takeFrom(ByteBuffer in) {
            boolean found = false;
            while (in.hasRemaining() && !found) {
                System.arraycopy(latest, 1, latest, 0, latest.length - 1);
                latest[latest.length - 1] = in.get();
                found = Arrays.equals(latest, wanted);
            }
            return found;
        }
    }
}
