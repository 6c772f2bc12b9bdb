package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.gateway.dial.Refusal;
import dev.aegisvm.guest.protocol.GuestRequest.Dial;
import dev.aegisvm.guest.protocol.GuestStream;

/**
 * Tells programs of one guest why their connections are refused: those that speak HTTP or TLS, and do so at once. All
 * others are reset, and so are those that come in a crowd. Nothing of what they send leaves.
 */
final class Excuses {
    private static final Executor SOON =
            CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS, Thread::startVirtualThread);
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(5, TimeUnit.SECONDS, Thread::startVirtualThread);
    private static final int AT_A_TIME = 16;
    private static final int FIRST_BYTES = 4096;

    private final Semaphore places = new Semaphore(AT_A_TIME);

    void refuse(Dial dial, Refusal why) throws IOException {
        if (!places.tryAcquire()) {
            dial.refuse();
            return;
        }
        try (GuestStream guest = dial.accept()) {
            byte[] answer = why.answerTo(ByteBuffer.wrap(first(guest)));
            if (answer.length > 0) {
                send(guest, answer);
            }
        } finally {
            places.release();
        }
    }

    private static byte[] first(GuestStream guest) throws IOException {
        CompletableFuture<Void> end = CompletableFuture.runAsync(guest::close, SOON);
        byte[] bytes = new byte[FIRST_BYTES];
        int count = guest.in().read(bytes);
        end.cancel(false);
        return Arrays.copyOf(bytes, Math.max(0, count));
    }

    /** Until it hangs up, since a reset could overtake the answer. */
    private static void send(GuestStream guest, byte[] answer) throws IOException {
        CompletableFuture<Void> end = CompletableFuture.runAsync(guest::close, LATER);
        guest.out().write(answer);
        guest.finish();
        guest.in().transferTo(OutputStream.nullOutputStream());
        end.cancel(false);
    }
}
