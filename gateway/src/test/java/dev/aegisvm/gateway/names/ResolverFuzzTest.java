package dev.aegisvm.gateway.names;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.gateway.policy.*;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;

/** Questions of a guest: each has one answer of bounded length, or none. */
public final class ResolverFuzzTest {
    private static final FuzzTarget TARGET = FuzzTarget.of("dns", ResolverFuzzTest::take);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) throws Exception {
        Policy policy = new Policy(Mode.PUBLIC, List.of(), Rule.parse(List.of("gone.test")), new Nearby(Set::of));
        Gate gate = new Gate(() -> policy, new SyntheticNames(), new ScriptedUpstream(), line -> {});
        Resolver resolver = new Resolver(gate, name -> false);
        byte[] answer = resolver.answer(input, false);
        assertThat(answer.length).isLessThanOrEqualTo(1232);
        boolean question = input.length >= 12 && (input[2] & 0x80) == 0;
        assertThat(answer.length > 0).isEqualTo(question);
        if (question) {
            Message message = new Message(answer);
            assertThat(message.getHeader().getID()).isEqualTo(((input[0] & 0xff) << 8) | (input[1] & 0xff));
        }
    }
}
