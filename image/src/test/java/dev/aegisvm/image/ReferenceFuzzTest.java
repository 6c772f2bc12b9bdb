package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** References to images: one that is taken has a name that is a reference to the same. */
public final class ReferenceFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("references", ReferenceFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws ImageException {
        take(new String(input, StandardCharsets.UTF_8));
        // JSON can have half of a pair of surrogates, which UTF-8 cannot.
        take(new String(input, StandardCharsets.UTF_16BE));
        take(ImageReference.LAYOUT_PREFIX + new String(input, StandardCharsets.UTF_16BE));
    }

    private static void take(String text) throws ImageException {
        ImageReference reference;
        try {
            reference = ImageReference.parse(text);
        } catch (ImageException refused) {
            assertThat(refused.reason()).isEqualTo(ImageException.Reason.BAD_REFERENCE);
            return;
        }
        if (reference instanceof ImageReference.InRegistry there) {
            assertThat(ImageReference.parse(there.name())).isEqualTo(there);
            assertThat(there.version()).isNotEmpty();
            assertThat(there.loopback()).isIn(true, false);
        }
    }
}
