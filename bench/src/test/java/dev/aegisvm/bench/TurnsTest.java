package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final List<String> order = new ArrayList<>();

    @Test
    void whatIsComparedIsMeasuredInTurnAndTheWarmUpDoesNotCount() throws IOException {
        Turns turns = new Turns(runs(2));
        turns.each("exec", () -> took("a"));
        turns.each("exec.new", () -> took("b"));
        turns.run(1);
        turns.each("exec.cli", () -> took("c"));
        turns.run(0, 1);

        assertThat(order).containsExactly("a", "b", "a", "b", "a", "b", "c");
        assertThat(turns.rows())
                .isEqualTo(Map.of(
                        "exec", List.of(3.0, 5.0),
                        "exec.new", List.of(4.0, 6.0),
                        "exec.cli", List.of(7.0)));
    }

    private static Options runs(int runs) {
        return Options.parse(List.of("--runs", "" + runs));
    }

    private double took(String name) {
        order.add(name);
        return order.size();
    }
}
