package dev.aegisvm.daemon.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.idle.AskedTimeouts;
import dev.aegisvm.daemon.instance.InstanceSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {
    private static InstanceSpec of(int memoryMb) {
        return new InstanceSpec(
                "inst-1",
                Optional.of("box"),
                Optional.empty(),
                List.of("a"),
                Map.of(),
                List.of(),
                memoryMb,
                1,
                64,
                List.of(),
                Optional.empty(),
                false,
                AskedTimeouts.NONE,
                Optional.empty(),
                Instant.EPOCH);
    }

    @ParameterizedTest
    @CsvSource({"256, 1088", "512, 1152", "1024, 1280", "65536, 17408"})
    void aGibibyteAndAQuarterHaveToBeThere(int memoryMb, long needed) {
        assertThat(new Admission(() -> OptionalLong.of(needed)).refusal(of(memoryMb)))
                .isEmpty();
        assertThat(new Admission(() -> OptionalLong.of(needed)).admits(memoryMb))
                .isTrue();
        assertThat(new Admission(() -> OptionalLong.of(needed - 1)).admits(memoryMb))
                .isFalse();
        ApiException refusal = new Admission(() -> OptionalLong.of(needed - 1))
                .refusal(of(memoryMb))
                .orElseThrow();
        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.error().code()).isEqualTo("host_memory_low");
        assertThat(refusal.error().error()).contains("'box'", needed + " MB", "there are " + (needed - 1));
        assertThat(refusal.error().exitCode()).isEqualTo(125);
    }

    @Test
    void whatIsNotKnownForbidsNothing() {
        assertThat(new Admission(OptionalLong::empty).refusal(of(65_536))).isEmpty();
    }
}
