package dev.aegisvm.image.source;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.image.ImageLimits;
import dev.aegisvm.image.rootfs.ArchiveReader;
import dev.aegisvm.image.rootfs.Budget;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import dev.aegisvm.testkit.TestHome;
import org.junit.jupiter.api.Test;

/** Archives of images: of {@code docker save} and of OCI layouts, compressed or not. */
public final class ArchiveFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("archives", ArchiveFuzzTest::take);
    private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 1000, 200, 1 << 20);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws IOException {
        Path scratch = Files.createTempDirectory("aegis-fuzz-");
        try {
            Path file = Files.write(scratch.resolve("archive"), input);
            try {
                Archive.images(file, ArchiveReader.files(file, scratch, new Budget(LIMITS)))
                        .forEach(ArchiveFuzzTest::resolve);
            } catch (IOException refused) {
                assertThat(refused).isNotNull();
            }
        } finally {
            TestHome.delete(scratch);
        }
    }

    private static void resolve(Archive.Named image) {
        try {
            assertThat(image.names()).isNotNull();
            assertThat(image.source().resolve().size()).isNotNegative();
        } catch (IOException refused) {
            assertThat(refused).isNotNull();
        }
    }
}
