package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void alignsNumbersToTheRightAndPutsNotesBelowTheirRow() {
        Row start =
                Row.of("start", "start", "ms", Collections.nCopies(300, 142.4)).atMost(180);
        Row spawn = Row.of("start.spawn", "  spawn", "ms", List.of(3.14159, 20.07, 5.0));
        Row cold = Row.of("cold", "cold boot", "ms", List.of(6100.0))
                .judged(Row.Verdict.part(15, 610, 6100))
                .note("few runs");

        assertThat(Table.of(List.of(start, spawn, cold))).isEqualTo("""
                                     n   p50   p90  p99   max      target    came
                        start      300   142   142  142   142  ms  ≤ 180 ms  142 ms  met
                          spawn      3     5  20.1       20.1  ms
                        cold boot    1  6100  6100       6100  ms  ≤ 1/15    1/10    MISSED
                            few runs
                        """);
    }
}
