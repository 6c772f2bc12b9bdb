package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import module java.base;
import dev.aegisvm.vmm.qemu.FirstBoot.BootWatch;
import dev.aegisvm.vmm.qemu.FirstBoot.BootWatch.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A slow guest is waited for, one that stands still is not. */
class BootWatchTest {
    private static final Progress START = after(10, OptionalLong.of(100), 1000);

    /** A guest that gets on for so many looks, and then no more. */
    private static final class Guest implements BootWatch.Subject {
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final AtomicInteger looks = new AtomicInteger();
        private final int gettingOn;

        Guest(int gettingOn) {
            this.gettingOn = gettingOn;
        }

        @Override
        public Progress progress() {
            return after(0, OptionalLong.of(Math.min(looks.incrementAndGet(), gettingOn)), looks.get());
        }

        @Override
        public void end() {
            ended.complete(null);
        }
    }

    private static Progress after(long printed, OptionalLong exits, long cpuMillis) {
        return new Progress(printed, exits, Duration.ofMillis(cpuMillis));
    }

    @Test
    void oneThatStandsStillIsEnded() {
        Guest guest = new Guest(4);
        try (BootWatch watch = new BootWatch(guest, Duration.ofMillis(300))) {
            guest.ended.join();
            assertThat(guest.looks.get()).isGreaterThan(4);
            assertThat(watch.verdict()).contains("stood still", "while it used the CPU");
        }
    }

    @Test
    void oneThatGetsOnIsNot() throws Exception {
        Guest guest = new Guest(Integer.MAX_VALUE);
        try (BootWatch watch = new BootWatch(guest, Duration.ZERO)) {
            while (guest.looks.get() < 4) {
                Thread.onSpinWait();
            }
            assertThat(guest.ended).isNotDone();
            assertThat(watch.verdict()).isEmpty();
        }
    }

    static List<Arguments> moves() {
        OptionalLong uncounted = OptionalLong.empty();
        return List.of(
                arguments(START, START, false),
                arguments(START, after(11, OptionalLong.of(100), 1000), true),
                arguments(START, after(10, OptionalLong.of(101), 1000), true),
                // It turns in circles.
                arguments(START, after(10, OptionalLong.of(100), 2000), false),
                // Nobody counts its exits, so that the CPU is all there is.
                arguments(after(10, uncounted, 1000), after(10, uncounted, 2000), true),
                arguments(after(10, uncounted, 1000), after(10, uncounted, 1000), false));
    }

    @ParameterizedTest
    @MethodSource("moves")
    void whatMovesIsProgress(Progress before, Progress after, boolean moved) {
        assertThat(after.beyond(before)).isEqualTo(moved);
    }
}
