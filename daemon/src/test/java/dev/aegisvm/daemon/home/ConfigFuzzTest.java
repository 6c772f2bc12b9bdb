package dev.aegisvm.daemon.home;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.VmLimits;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** The user's {@code config.toml}: it gives values within their bounds, or a sentence about what is wrong with it. */
public final class ConfigFuzzTest {
    /** The TOML parser keeps what it has learned of the grammar. */
    private static final FuzzTarget TARGET = new FuzzTarget("config", ConfigFuzzTest::take, 64L << 20, 8192);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws IOException {
        Path file = Files.createTempFile("aegis-fuzz-", ".toml");
        try {
            Files.write(file, input);
            Config config = Config.read(file, Map.of());
            assertThat(config.memoryMb()).isBetween(VmLimits.MIN_MEMORY_MB, VmLimits.MAX_MEMORY_MB);
            assertThat(config.vcpus()).isBetween(1, VmLimits.MAX_VCPUS);
            assertThat(config.routerPort()).isBetween(0, 65_535);
        } catch (HomeException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        } finally {
            Files.delete(file);
        }
    }
}
