package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import module java.base;
import dev.aegisvm.vmm.start.FirstBoot.BootWatch;
import dev.aegisvm.vmm.start.FirstBoot.BootWatch.Progress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A slow guest is waited for, one that stands still is not. */
class BootWatchTest {
    private static final Progress START = new Progress(10, OptionalLong.of(100), 4096);

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
            return new Progress(0, OptionalLong.of(Math.min(looks.incrementAndGet(), gettingOn)), 0);
        }

        @Override
        public void end() {
            ended.complete(null);
        }
    }

    @Test
    void oneThatStandsStillIsEnded() {
        Guest guest = new Guest(4);
        try (BootWatch watch = new BootWatch(guest, Duration.ofMillis(300))) {
            guest.ended.join();
            assertThat(guest.looks.get()).isGreaterThan(4);
            assertThat(watch.verdict()).contains("no progress");
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
                arguments(START, new Progress(11, OptionalLong.of(100), 4096), true),
                arguments(START, new Progress(10, OptionalLong.of(101), 4096), true),
                // A busy loop; what QEMU itself takes is no doing of the guest's.
                arguments(START, new Progress(10, OptionalLong.of(100), 8192), false),
                // Where nothing counts devices and pages, QEMU's memory grows with the guest's.
                arguments(new Progress(10, uncounted, 4096), new Progress(10, uncounted, 8192), true),
                arguments(new Progress(10, uncounted, 4096), new Progress(11, uncounted, 4096), true),
                // A busy loop, also while the host takes pages back.
                arguments(new Progress(10, uncounted, 4096), new Progress(10, uncounted, 4096), false),
                arguments(new Progress(10, uncounted, 4096), new Progress(10, uncounted, 0), false));
    }

    @ParameterizedTest
    @MethodSource("moves")
    void whatMovesIsProgress(Progress before, Progress after, boolean moved) {
        assertThat(after.beyond(before)).isEqualTo(moved);
    }
}
