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
    private static final long SPEAKS_WITHIN_MS = 500;
    private static final long LEAVES_WITHIN_MS = 5000;
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
        Future<?> end = after(SPEAKS_WITHIN_MS, guest);
        byte[] bytes = new byte[FIRST_BYTES];
        int count = guest.in().read(bytes);
        end.cancel(false);
        return Arrays.copyOf(bytes, Math.max(0, count));
    }

    private static Future<?> after(long millis, GuestStream guest) {
        return ForkJoinPool.commonPool()
                .schedule(() -> Thread.startVirtualThread(guest::close), millis, TimeUnit.MILLISECONDS);
    }

    /** Until it hangs up, since a reset could overtake the answer. */
    private static void send(GuestStream guest, byte[] answer) throws IOException {
        Future<?> end = after(LEAVES_WITHIN_MS, guest);
        guest.out().write(answer);
        guest.finish();
        guest.in().transferTo(OutputStream.nullOutputStream());
        end.cancel(false);
    }
}
