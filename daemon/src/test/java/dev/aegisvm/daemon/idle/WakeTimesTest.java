package dev.aegisvm.daemon.idle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.daemon.idle.WakeTimes.From;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WakeTimesTest {
    private final WakeTimes times = new WakeTimes();

    @Test
    void percentilesAreOfTheLatestThousand() {
        assertThat(times.percentileMs(From.PAUSED, 50)).isEmpty();
        times.woke(From.PAUSED, Duration.ofMillis(7));
        assertThat(times.percentileMs(From.PAUSED, 50)).hasValue(7);
        assertThat(times.percentileMs(From.PAUSED, 99)).hasValue(7);
        for (int millis = 1000; millis >= 1; millis--) {
            times.woke(From.PAUSED, Duration.ofMillis(millis));
        }
        assertThat(times.percentileMs(From.PAUSED, 50)).hasValue(500);
        assertThat(times.percentileMs(From.PAUSED, 99)).hasValue(990);
        assertThat(times.percentileMs(From.PAUSED, 100)).hasValue(1000);
        assertThat(times.percentileMs(From.PAUSED, 1)).hasValue(10);
        assertThat(times.woken(From.PAUSED)).isEqualTo(1001);
    }

    @Test
    void eachKindIsCountedByItself() {
        times.woke(From.STOPPED, Duration.ofMillis(1));
        times.failed(From.PAUSED);
        assertThat(times.woken(From.STOPPED)).isEqualTo(1);
        assertThat(times.failures(From.STOPPED)).isZero();
        assertThat(times.woken(From.PAUSED)).isZero();
        assertThat(times.failures(From.PAUSED)).isEqualTo(1);
    }
}
