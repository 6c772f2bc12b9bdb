package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;

class QuietTest {
    private static final Duration LOOK = Duration.ofMillis(1);

    @Test
    void comesAfterTheWorkIsDone() throws IOException {
        AtomicInteger looks = new AtomicInteger();

        double rest = new Turns.Quiet(LOOK, 10, Duration.ofSeconds(30))
                .await(1, () -> Math.min(looks.incrementAndGet(), 50) * 10L);

        assertThat(rest).isEqualTo(500);
        assertThat(looks.get()).isGreaterThanOrEqualTo(60);
    }

    @Test
    void doesNotComeWhileThereIsWork() {
        AtomicInteger looks = new AtomicInteger();

        assertThatThrownBy(() ->
                        new Turns.Quiet(LOOK, 10, Duration.ofMillis(100)).await(1, () -> looks.incrementAndGet() * 10L))
                .hasMessageContaining("no quiet");
    }

    @Test
    void aProcessThatIsGoneIsNotQuiet() {
        assertThatThrownBy(() -> new Turns.Quiet(LOOK, 10, Duration.ofSeconds(30)).await(1, () -> {
                    throw new IOException("gone");
                }))
                .hasMessage("gone");
    }
}
