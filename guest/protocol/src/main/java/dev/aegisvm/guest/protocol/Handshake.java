package dev.aegisvm.guest.protocol;

import module java.base;

/** A blocking channel on which a guest has answered HELLO, and what came behind the answer, ready to be read from. */
public record Handshake(ByteChannel channel, ByteBuffer input) {
    /** Room for several frames, which one read can take. */
    private static final int INPUT = 4 * Frame.MAX_SIZE;
    /** More than one HELLO has. */
    private static final int HELLO = 64;

    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Sends HELLO with a new nonce, and drops all bytes until the answer. Closes the channel on failure; that also ends
     * a thread that waits for the guest, which an interrupt must never do.
     */
    public static Handshake perform(ByteChannel channel, Duration timeout) throws IOException {
        FutureTask<Handshake> answer = new FutureTask<>(() -> exchange(channel));
        Thread.ofVirtual().name("guest-hello").start(answer);
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            channel.close();
            throw new IOException("the guest did not answer HELLO within " + timeout.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            channel.close();
            throw new IOException(
                    "the guest did not answer HELLO: " + answer.exceptionNow().getMessage(), e);
        } catch (InterruptedException e) {
            channel.close();
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for the guest").initCause(e);
        }
    }

    private static Handshake exchange(ByteChannel channel) throws IOException {
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
        return new Handshake(channel, input);
    }

    /** Looks for the answer to a HELLO and drops all bytes before it, which are for an earlier host. */
    static final class HelloSearch {
        private final byte[] wanted;
        private final byte[] latest;

        HelloSearch(UUID nonce) {
            ByteBuffer pattern = ByteBuffer.allocate(HELLO);
            new Frame.Hello(nonce).encode(pattern);
            wanted = Arrays.copyOf(pattern.array(), pattern.position());
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
