package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void alignsNumbersToTheRightAndPutsNotesBelowTheirRow() {
        Turns turns = new Turns(1);
        turns.values("start", "start", "ms", Collections.nCopies(300, 142.4)).atMost(180);
        turns.values("start.spawn", "  spawn", "ms", List.of(3.14159, 20.07, 5.0));
        Metric template = turns.values("template", "  template", "ms", List.of(610.0));
        turns.values("cold", "cold boot", "ms", List.of(6100.0))
                .atLeastTimes(15, template)
                .note("few runs");

        assertThat(Report.table(turns.rows())).isEqualTo("""
                                      n   p50   p90  p99   max      target    came
                        start       300   142   142  142   142  ms  ≤ 180 ms  142 ms  met
                          spawn       3     5  20.1       20.1  ms
                          template    1   610   610        610  ms
                        cold boot     1  6100  6100       6100  ms  ≥ 15 ×    10 ×    MISSED
                            few runs
                        """);
    }
}
