package dev.aegisvm.cli.copy;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.HostDirectory;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import dev.aegisvm.testkit.TestHome;
import org.junit.jupiter.api.Test;

/** The tar streams that a guest sends for {@code aegis cp}: nothing is made or changed outside the directory. */
public final class UnpackerFuzzTest {
    private static final FuzzTarget TARGET = new FuzzTarget("copies", UnpackerFuzzTest::take, 16L << 20, 1024);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws IOException {
        Path outside = Files.createTempDirectory("aegis-fuzz-");
        Path secret = Files.writeString(outside.resolve("secret"), "untouched");
        Path base = Files.createDirectory(outside.resolve("base"));
        Files.createSymbolicLink(base.resolve("way-out"), outside);
        try (HostUnpacker unpacker = new HostUnpacker(HostDirectory.open(base), ".", ".", false)) {
            unpacker.unpack(new ByteArrayInputStream(input));
        } catch (IOException refused) {
            assertThat(refused).isNotNull();
        }
        try (Stream<Path> there = Files.list(outside)) {
            assertThat(there).containsExactlyInAnyOrder(secret, base);
        }
        assertThat(secret).hasContent("untouched");
        TestHome.delete(outside);
    }
}
