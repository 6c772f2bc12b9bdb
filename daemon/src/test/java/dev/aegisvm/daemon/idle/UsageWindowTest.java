package dev.aegisvm.daemon.idle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.daemon.idle.UsageWindow.Load;
import dev.aegisvm.daemon.idle.UsageWindow.Sample;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UsageWindowTest {
    private final UsageWindow window = new UsageWindow(Duration.ofSeconds(60));

    private void sample(long second, long cpuMs, long netBytes) {
        window.add(new Sample(Duration.ofSeconds(second).toNanos(), Duration.ofMillis(cpuMs), netBytes));
    }

    @Test
    void nothingIsKnownUntilTheTimeIsCovered() {
        assertThat(window.load()).isEmpty();
        assertThat(window.coversAt()).isEmpty();
        sample(-5, 10, 100);
        sample(54, 20, 100);
        assertThat(window.load()).isEmpty();
        assertThat(window.coversAt()).contains(Duration.ofSeconds(55).toNanos());
        sample(55, 40, 150);
        assertThat(window.load()).contains(new Load(Duration.ofSeconds(60), Duration.ofMillis(30), 50));
    }

    @Test
    void whatWasBeforeThatTimeIsForgotten() {
        sample(0, 0, 0);
        sample(15, 5000, 9000);
        sample(30, 5000, 9000);
        sample(60, 5010, 9000);
        assertThat(window.load()).contains(new Load(Duration.ofSeconds(60), Duration.ofMillis(5010), 9000));
        sample(75, 5020, 9001);
        assertThat(window.load()).contains(new Load(Duration.ofSeconds(60), Duration.ofMillis(20), 1));
        sample(140, 5030, 9001);
        assertThat(window.load()).contains(new Load(Duration.ofSeconds(65), Duration.ofMillis(10), 0));
        window.clear();
        assertThat(window.load()).isEmpty();
    }
}
