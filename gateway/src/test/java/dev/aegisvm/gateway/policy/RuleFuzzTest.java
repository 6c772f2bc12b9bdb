package dev.aegisvm.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.testkit.FuzzTarget;
import dev.aegisvm.testkit.FuzzWalk;
import org.junit.jupiter.api.Test;

/** Words of rules and names of hosts: what is taken is taken again as it was written down. */
public final class RuleFuzzTest {
    /** The TOML parser keeps what it has learned of the grammar. */
    private static final FuzzTarget TARGET = new FuzzTarget("rules", RuleFuzzTest::take, 64L << 20, 8192);

    @Test
    void keepsWithinItsBounds() throws Exception {
        FuzzWalk.over(TARGET);
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        TARGET.accept(input);
    }

    private static void take(byte[] input) {
        take(new String(input, StandardCharsets.UTF_8));
        // JSON can have half of a pair of surrogates, which UTF-8 cannot.
        take(new String(input, StandardCharsets.UTF_16BE));
    }

    private static void take(String text) {
        HostName.normal(text)
                .ifPresent(name -> assertThat(HostName.normal(name)).contains(name));
        Addresses.parse(text)
                .ifPresent(address ->
                        assertThat(Addresses.parse(Addresses.text(address))).contains(address));
        try {
            Rule rule = Rule.parse(text);
            assertThat(Rule.parse(rule.word())).isEqualTo(rule);
        } catch (PolicyException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        }
        try {
            PolicyFile.parse("p.toml", text);
        } catch (PolicyException refused) {
            assertThat(refused).hasMessageContaining(" ");
        }
    }
}
