package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class UntrustedMapTest {
    /** Keys like these take Map.copyOf more than a minute. */
    @Test
    @Timeout(60)
    void itCopiesInLinearTime() {
        Map<String, String> numbered = IntStream.range(0, 1_000_000)
                .mapToObj(i -> Integer.toString(i, 36))
                .collect(Collectors.toMap(name -> name, name -> ""));
        assertThat(UntrustedMap.copyOf(numbered)).isEqualTo(numbered);
    }
}
