package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.start.FirstBoot.BootWatch;
import dev.aegisvm.vmm.start.FirstBoot.BootWatch.Progress;
import dev.aegisvm.vmm.start.Machines.Machine;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A slow guest is waited for, one that stands still is not. */
class BootWatchTest {
    private static final Progress START = new Progress(10, OptionalLong.of(100), 4096);

    /** A guest that gets on for so many looks, and then no more; it seems to be a process that was started to be ended. */
    private static final class Guest implements InvocationHandler, AutoCloseable {
        private final AtomicInteger looks = new AtomicInteger();
        private final int gettingOn;
        private final Process process;

        Guest(int gettingOn) throws IOException {
            this.gettingOn = gettingOn;
            this.process = new ProcessBuilder("sleep", "600").start();
        }

        Machine machine() {
            return (Machine)
                    Proxy.newProxyInstance(Machine.class.getClassLoader(), new Class<?>[] {Machine.class}, this);
        }

        @Override
        public Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws IOException {
            return switch (method.getName()) {
                case "process" -> ProcessIdentity.of(process.pid());
                case "printed" -> 0L;
                case "uses" -> OptionalLong.of(Math.min(looks.incrementAndGet(), gettingOn));
                default -> throw new UnsupportedOperationException(method.getName());
            };
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @Test
    void oneThatStandsStillIsEnded() throws Exception {
        try (Guest guest = new Guest(4);
                BootWatch watch = new BootWatch(guest.machine(), Duration.ofMillis(300))) {
            guest.process.waitFor();
            assertThat(guest.looks.get()).isGreaterThan(4);
            assertThat(watch.verdict()).contains("no progress");
        }
    }

    @Test
    void oneThatGetsOnIsNot() throws Exception {
        try (Guest guest = new Guest(Integer.MAX_VALUE);
                BootWatch watch = new BootWatch(guest.machine(), Duration.ofSeconds(1))) {
            while (guest.looks.get() < 12 && guest.process.isAlive()) {
                Thread.onSpinWait();
            }
            assertThat(guest.process.isAlive()).isTrue();
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
