package dev.aegisvm.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdleTimeoutTest {
    @ParameterizedTest
    @CsvSource({
        "1s, 1, 1s",
        "59s, 59, 59s",
        "60s, 60, 1m",
        "90s, 90, 90s",
        "60m, 3600, 1h",
        "90m, 5400, 90m",
        "24h, 86400, 1d",
        "25h, 90000, 25h",
        "365d, 31536000, 365d",
    })
    void aTimeIsReadAndWrittenInTheLargestUnitThatFits(String text, long seconds, String written) {
        IdleTimeout timeout = IdleTimeout.parse("t", text);
        assertThat(timeout.limit()).contains(Duration.ofSeconds(seconds));
        assertThat(timeout.text()).isEqualTo(written);
        assertThat(IdleTimeout.parse("t", written)).isEqualTo(timeout);
    }

    @Test
    void neverIsATimeoutToo() {
        assertThat(IdleTimeout.parse("t", "never")).isEqualTo(IdleTimeout.NEVER);
        assertThat(IdleTimeout.NEVER.isNever()).isTrue();
        assertThat(IdleTimeout.NEVER.text()).isEqualTo("never");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0s", "5", "s", "-1s", "1.5m", "1 m", "366d", "8761h", "9999999999s", "Never", "1S"})
    void anythingElseIsRefusedByItsName(String text) {
        assertThatThrownBy(() -> IdleTimeout.parse("idle_pause", text))
                .isInstanceOf(ApiException.class)
                .hasMessage("idle_pause must be 'never' or 1s to 365d, not '" + text + "'");
    }
}
