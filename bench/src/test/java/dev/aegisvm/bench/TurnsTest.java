package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final List<String> order = new ArrayList<>();

    @Test
    void whatIsComparedIsMeasuredInTurnAndTheWarmUpDoesNotCount() throws IOException {
        Turns turns = new Turns(runs(2));
        turns.each("a", "a", "ms", () -> took("a"));
        turns.each("b", "b", "ms", () -> took("b"));
        turns.run(1);
        turns.each("c", "c", "ms", () -> took("c"));
        turns.run(0, 1);

        assertThat(order).containsExactly("a", "b", "a", "b", "a", "b", "c");
        assertThat(turns.rows())
                .extracting(Row::percentiles)
                .containsExactly(
                        Row.Percentiles.of(List.of(3.0, 5.0)),
                        Row.Percentiles.of(List.of(4.0, 6.0)),
                        Row.Percentiles.of(List.of(7.0)));
    }

    @Test
    void aTargetIsThatOfTheMedianOfAnother() {
        Turns turns = new Turns(runs(1));
        Metric first = turns.values("first", "first", "MB/s", List.of(90.0));
        first.atLeastTimes(0.8, turns.values("other", "other", "MB/s", List.of(1.0, 120.0, 500.0)));

        assertThat(turns.rows().getFirst().verdict()).isEqualTo(new Row.Verdict("≥ 0.80 ×", "0.75 ×", false));
    }

    private static Options runs(int runs) {
        return Options.parse(List.of("--runs", "" + runs));
    }

    private double took(String name) {
        order.add(name);
        return order.size();
    }
}
