package dev.aegisvm.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.gateway.policy.PolicyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitTest {
    private static final long SECOND = 1_000_000_000;

    @ParameterizedTest
    @CsvSource({"10M, 10485760", "512K, 524288", "1G, 1073741824", "64K, 65536", "100001, 100001"})
    void aRateIsWrittenAsSizesAre(String text, long bytes) throws PolicyException {
        assertThat(Rate.parse(text)).hasValue(bytes);
        assertThat(Rate.text(bytes)).isEqualTo(text);
        assertThat(Rate.parse("none")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "10", "63K", "10m", "10MB", "-1M", "1.5M", "0M", "10 M", "9999999999M"})
    void whatIsNoRateIsRefused(String text) {
        assertThatThrownBy(() -> Rate.parse(text))
                .isInstanceOf(PolicyException.class)
                .hasMessageContaining("per second: 512K, 10M or 1G");
    }

    @Test
    void bytesGoAtTheRateAfterATenthOfASecondsWorth() {
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - SECOND);
        Rate rate = new Rate(1_000_000, clock::get);
        assertThat(rate.reserve(100_000)).isZero();
        assertThat(rate.reserve(100_000)).isEqualTo(SECOND / 10);
        assertThat(rate.reserve(100_000)).isEqualTo(2 * SECOND / 10);
        clock.addAndGet(3 * SECOND);
        assertThat(rate.reserve(100_000)).isZero();
        assertThat(rate.reserve(1)).isEqualTo(1000);
    }

    @Test
    void whatIsTakenAtOnceIsAFractionOfASecondsWorth() {
        assertThat(new Limits(1, 1, Optional.empty()).atOnce()).isEqualTo(65_536);
        assertThat(new Limits(1, 1, Optional.of(64L << 10)).atOnce()).isEqualTo(4096);
        assertThat(new Limits(1, 1, Optional.of(320_000L)).atOnce()).isEqualTo(20_000);
        assertThat(new Limits(1, 1, Optional.of(10L << 20)).atOnce()).isEqualTo(65_536);
    }

    @Test
    void waitingTakesItsTime() {
        Rate rate = new Rate(1_000_000, System::nanoTime);
        long begin = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            rate.take(100_000);
        }
        assertThat(System.nanoTime() - begin).isGreaterThan(SECOND * 19 / 100);
    }

    @Test
    void whoeverAsksTooMuchWaitsForHisTurn() throws Exception {
        Limits limits = new Limits(1, 1, Optional.empty());
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        FutureTask<Optional<String>> slow = new FutureTask<>(() -> limits.inTurn(() -> {
            first.countDown();
            await(go);
            return "slow";
        }));
        Thread.ofVirtual().start(slow);
        first.await();
        FutureTask<Optional<String>> next = new FutureTask<>(() -> limits.inTurn(() -> "next"));
        Thread waiting = Thread.ofPlatform().start(next);
        while (waiting.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(next.isDone()).isFalse();
        go.countDown();
        assertThat(slow.get()).contains("slow");
        assertThat(next.get()).contains("next");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }
}
