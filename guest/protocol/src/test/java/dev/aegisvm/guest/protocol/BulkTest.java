package dev.aegisvm.guest.protocol;

import static dev.aegisvm.guest.protocol.TestSession.LIMIT;
import static dev.aegisvm.guest.protocol.TestSession.meanwhile;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Much data. The numbers are printed; the bounds are loose, since a build machine is busy with other things too. */
@Timeout(120)
class BulkTest {
    private TestSession session;

    @BeforeEach
    void connect() throws Exception {
        session = new TestSession();
    }

    @AfterEach
    void disconnect() throws IOException {
        session.close();
    }

    @Test
    void aHundredMegabytesReachASlowReaderWhole() throws Exception {
        long size = 100_000_000;
        GuestStream stream = session.mux.open(Direction.FROM_GUEST);
        CompletableFuture<Void> guest = meanwhile(() -> new BulkGuest(session.pair.guest()).run(1, size));

        long read = readPattern(stream.in(), 200_000);

        assertThat(read).isEqualTo(size);
        guest.get();
    }

    @Test
    void bytesFromTheGuestAreFast() throws Exception {
        long size = 500_000_000;
        GuestStream stream = session.mux.open(Direction.FROM_GUEST);
        long start = System.nanoTime();
        CompletableFuture<Void> guest = meanwhile(() -> new BulkGuest(session.pair.guest()).run(1, size));

        long read = drain(stream.in());

        assertThat(rate("from the guest", read, start)).isGreaterThan(10);
        assertThat(read).isEqualTo(size);
        guest.get();
    }

    @Test
    void bytesToTheGuestAreFastAndWhole() throws Exception {
        int size = 500_000_000;
        GuestStream stream = session.mux.open(Direction.TO_GUEST);
        long start = System.nanoTime();
        CompletableFuture<Long> guest = new CompletableFuture<>();
        CompletableFuture<Void> reader = meanwhile(() -> guest.complete(session.guest.receiveAll()));
        for (int sent = 0; sent < size; ) {
            int offset = sent % 251;
            int count = Math.min(size - sent, Frame.MAX_PAYLOAD);
            stream.out().write(BulkGuest.PATTERN, offset, count);
            sent += count;
        }
        stream.out().close();

        assertThat(guest.get()).isEqualTo(size);
        assertThat(rate("to the guest", size, start)).isGreaterThan(10);
        reader.get();
    }

    @Test
    void aCallDoesNotWaitBehindFullStreams() throws Exception {
        int streams = 32;
        List<CompletableFuture<Void>> readers = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            InputStream in = session.mux.open(Direction.FROM_GUEST).in();
            readers.add(meanwhile(() -> drain(in)));
        }
        CompletableFuture<Void> sent = new CompletableFuture<>();
        CompletableFuture<Void> guest = meanwhile(() -> {
            BulkGuest bulk = new BulkGuest(session.pair.guest());
            bulk.run(streams, 20_000_000);
            sent.complete(null);
            bulk.answerUntilHangUp();
        });

        List<Long> micros = new ArrayList<>();
        while (!sent.isDone() && !guest.isDone() && micros.size() < 2000) {
            long start = System.nanoTime();
            session.calls.call(new ToGuest.Sync(null), LIMIT);
            micros.add((System.nanoTime() - start) / 1000);
            LockSupport.parkNanos(500_000);
        }
        micros.sort(null);

        assertThat(micros).hasSizeGreaterThan(20);
        long p99 = micros.get(micros.size() * 99 / 100);
        System.out.println("calls behind 32 full streams: " + micros.size() + ", p50 " + micros.get(micros.size() / 2)
                + " us, p99 " + p99 + " us, max " + micros.getLast() + " us");
        assertThat(p99).isLessThan(5_000_000);
        sent.get();
        assertThat(readers).allSatisfy(reader -> assertThat(reader).succeedsWithin(LIMIT));
    }

    private static long readPattern(InputStream in, int pauseNanos) throws IOException {
        byte[] buffer = new byte[Frame.MAX_PAYLOAD];
        long total = 0;
        int count = in.read(buffer);
        while (count >= 0) {
            int offset = (int) (total % 251);
            assertThat(Arrays.equals(buffer, 0, count, BulkGuest.PATTERN, offset, offset + count))
                    .as("the bytes from " + total)
                    .isTrue();
            total += count;
            LockSupport.parkNanos(pauseNanos);
            count = in.read(buffer);
        }
        return total;
    }

    private static long drain(InputStream in) throws IOException {
        byte[] buffer = new byte[65536];
        long total = 0;
        int count = in.read(buffer);
        while (count >= 0) {
            total += count;
            count = in.read(buffer);
        }
        return total;
    }

    private static long rate(String what, long bytes, long start) {
        long megabytesPerSecond = bytes * 1000 / Math.max(1, System.nanoTime() - start);
        System.out.println(what + ": " + megabytesPerSecond + " MB/s");
        return megabytesPerSecond;
    }
}
