package dev.aegisvm.daemon.idle;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.StatsView.LastWake;
import dev.aegisvm.api.StatsView.WakesView;
import dev.aegisvm.daemon.idle.WakeClock.Mark;
import dev.aegisvm.daemon.metrics.Counters;
import org.junit.jupiter.api.Test;

class WakeClockTest {
    @Test
    void percentilesAreOfTheLatestThousand() {
        WakeClock.Wakes wakes = new WakeClock.Wakes("paused", new Counters());
        assertThat(wakes.percentileMs(50)).isNull();
        wakes.woke(Duration.ofMillis(7).toNanos());
        assertThat(wakes.percentileMs(50)).isEqualTo(7.0);
        assertThat(wakes.percentileMs(99)).isEqualTo(7.0);
        for (int millis = 1000; millis >= 1; millis--) {
            wakes.woke(Duration.ofMillis(millis).toNanos());
        }
        assertThat(wakes.percentileMs(50)).isEqualTo(500.0);
        assertThat(wakes.percentileMs(99)).isEqualTo(990.0);
        assertThat(wakes.percentileMs(100)).isEqualTo(1000.0);
        assertThat(wakes.percentileMs(1)).isEqualTo(10.0);
        assertThat(wakes.view().count()).isEqualTo(1001);
    }

    @Test
    void eachKindIsCountedByItself() {
        WakeClock clock = new WakeClock(true, new Counters());
        clock.note(Mark.FROM_STOPPED, System.nanoTime(), "a client came");
        clock.note(Mark.AWAKE, 0, "it booted");
        clock.note(Mark.FROM_PAUSED, System.nanoTime(), "an exec");
        clock.note(Mark.FAILED, 0, "no memory");
        WakesView wakes = clock.view();
        assertThat(wakes.stopped().count()).isEqualTo(1);
        assertThat(wakes.stopped().failed()).isZero();
        assertThat(wakes.paused().count()).isZero();
        assertThat(wakes.paused().failed()).isEqualTo(1);
        LastWake last = Objects.requireNonNull(wakes.last());
        assertThat(last.from() + ": " + last.because()).isEqualTo("stopped: a client came");
        assertThat(last.ms()).isNotNegative();
    }
}
