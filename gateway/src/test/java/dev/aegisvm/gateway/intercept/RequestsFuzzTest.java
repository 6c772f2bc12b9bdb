package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** What a guest sends on an intercepted connection: what was passed on is taken again, and is the same then. */
public final class RequestsFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("requests", RequestsFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws Exception {
        ByteArrayOutputStream once = new ByteArrayOutputStream();
        String outcome;
        try {
            outcome = RequestTableTest.outcome(input, once);
        } catch (EOFException cut) {
            return;
        }
        if (outcome.equals("sent")) {
            ByteArrayOutputStream again = new ByteArrayOutputStream();
            assertThat(RequestTableTest.outcome(once.toByteArray(), again)).isEqualTo("sent");
            assertThat(again.toByteArray()).isEqualTo(once.toByteArray());
        }
    }
}
