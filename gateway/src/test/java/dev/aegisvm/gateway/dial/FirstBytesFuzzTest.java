package dev.aegisvm.gateway.dial;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** What clients send first: where it is cut does not change what it says. */
public final class FirstBytesFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("first-bytes", FirstBytesFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        Claim whole = FirstFlight.claim(ByteBuffer.wrap(input));
        int cut = input.length == 0 ? 0 : Math.floorMod(Arrays.hashCode(input), input.length);
        Claim part = FirstFlight.claim(ByteBuffer.wrap(input, 0, cut).slice());
        if (!(part instanceof Claim.Unfinished)) {
            assertThat(whole).isEqualTo(part);
        }
        new Refusal("no").answerTo(ByteBuffer.wrap(input));
    }
}
