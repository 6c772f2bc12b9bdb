package dev.aegisvm.daemon.idle;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.IdleTimeout;
import dev.aegisvm.daemon.idle.IdlePolicy.*;
import dev.aegisvm.daemon.idle.UsageWindow.Load;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps an instance awake, rule by rule and in their order. */
class IdlePolicyTest {
    private static final IdleTimes MINUTE =
            new IdleTimes(IdleTimeout.of(Duration.ofSeconds(60)), IdleTimeout.NEVER, true);
    private static final Load QUIET = new Load(Duration.ofSeconds(60), Duration.ofMillis(1200), 1024);

    private static Signals signals(IdleTimes times, Duration sinceUse, Optional<Load> load) {
        return new Signals(times, Optional.empty(), Optional.empty(), sinceUse, load, 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            useHeadersInDisplayName = true,
            nullValues = "-",
            value = {
                "uses         | keepalive            | unused | cpu ms | net bytes | because",
                "-            | -                    | 60000  | 0      | 0         | -",
                "-            | -                    | 60000  | 1200   | 1024      | -",
                "-            | -                    | 60000  | 1260   | 0         | its guest used 2.1 % of a vCPU in the last 1m",
                "-            | -                    | 60000  | 60000  | 0         | its guest used 100.0 % of a vCPU in the last 1m",
                "-            | -                    | 60000  | 0      | 1025      | its guest moved 1025 bytes over the network in the last 1m",
                "-            | -                    | 60000  | -      | 0         | its guest's activity is measured over 1m",
                "-            | -                    | 59999  | 0      | 0         | it was used 59s ago; its idle timeout is 1m",
                "-            | 2026-01-02T03:04:05Z | 90000  | 0      | 0         | a keepalive keeps it running until 2026-01-02T03:04:05Z",
                "an exec runs | -                    | 90000  | 0      | 0         | an exec runs",
                "an exec runs | 2026-01-02T03:04:05Z | 0      | 9999   | 9999      | an exec runs",
            })
    @SuppressWarnings("checkstyle:ParameterNumber")
    void eachSignalAloneKeepsItAwake(
            @Nullable String uses,
            @Nullable Instant keepalive,
            long unused,
            @Nullable Long cpuMs,
            long netBytes,
            @Nullable String because) {
        Signals now = new Signals(
                MINUTE,
                Optional.ofNullable(uses),
                Optional.ofNullable(keepalive),
                Duration.ofMillis(unused),
                Optional.ofNullable(cpuMs).map(ms -> new Load(Duration.ofSeconds(60), Duration.ofMillis(ms), netBytes)),
                2);
        assertThat(IdlePolicy.awakeBecause(now)).isEqualTo(Optional.ofNullable(because));
    }

    @Test
    void theShareOfTheProcessorIsASetting() {
        Signals strict =
                new Signals(MINUTE, Optional.empty(), Optional.empty(), Duration.ofSeconds(60), Optional.of(QUIET), 1);
        assertThat(IdlePolicy.awakeBecause(strict)).contains("its guest used 2.0 % of a vCPU in the last 1m");
        assertThat(IdlePolicy.awakeBecause(signals(MINUTE, Duration.ofSeconds(60), Optional.of(QUIET))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            useHeadersInDisplayName = true,
            nullValues = "-",
            value = {
                "asked pause | asked stop | wakeable | pause | stop  | awake because",
                "-           | -          | true     | 60s   | 300s  | -",
                "-           | -          | false    | never | never | it exposes no port, so a connection could not wake it",
                "never       | never      | true     | never | never | its idle timeouts are set to never",
                "never       | -          | true     | never | 300s  | it was used 299s ago; its idle timeout is 5m",
                "2s          | -          | false    | 2s    | never | -",
                "2s          | 4s         | false    | 2s    | 4s    | -",
                "-           | 4s         | false    | never | 4s    | -",
            })
    @SuppressWarnings("checkstyle:ParameterNumber")
    void whatIsAskedForWinsAndWhatCannotBeWokenDoesNotSleep(
            @Nullable String askedPause,
            @Nullable String askedStop,
            boolean wakeable,
            String pause,
            String stop,
            @Nullable String because) {
        IdleSettings settings =
                new IdleSettings(IdleTimeout.parse("pause", "60s"), IdleTimeout.parse("stop", "5m"), 2, true);
        AskedTimeouts asked = new AskedTimeouts(
                Optional.ofNullable(askedPause).map(text -> IdleTimeout.parse("pause", text)),
                Optional.ofNullable(askedStop).map(text -> IdleTimeout.parse("stop", text)));
        IdleTimes times = settings.times(asked, wakeable);
        assertThat(times)
                .isEqualTo(new IdleTimes(IdleTimeout.parse("pause", pause), IdleTimeout.parse("stop", stop), wakeable));
        assertThat(IdlePolicy.awakeBecause(signals(times, Duration.ofSeconds(299), Optional.of(QUIET))))
                .isEqualTo(Optional.ofNullable(because));
    }

    @Test
    void whereNothingCanBePausedItIsStoppedAsLateAsItWouldHaveBeen() {
        IdleSettings settings =
                new IdleSettings(IdleTimeout.parse("pause", "60s"), IdleTimeout.parse("stop", "5m"), 2, false);
        AskedTimeouts nothing = new AskedTimeouts(Optional.empty(), Optional.empty());
        assertThat(settings.times(nothing, true))
                .isEqualTo(new IdleTimes(IdleTimeout.NEVER, IdleTimeout.parse("stop", "6m"), true));
        AskedTimeouts onlyAPause =
                new AskedTimeouts(Optional.of(IdleTimeout.parse("pause", "2s")), Optional.of(IdleTimeout.NEVER));
        assertThat(settings.times(onlyAPause, true))
                .isEqualTo(new IdleTimes(IdleTimeout.NEVER, IdleTimeout.NEVER, true));
    }
}
