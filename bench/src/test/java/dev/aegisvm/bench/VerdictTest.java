package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void aLimitItselfIsStillMet() {
        assertThat(Row.Verdict.atMost(180, 180, "ms")).isEqualTo(new Row.Verdict("≤ 180 ms", "180 ms", true));
        assertThat(Row.Verdict.atMost(180, 180.4, "ms").met()).isFalse();
    }

    @Test
    void comparesWithAnother() {
        assertThat(Row.Verdict.times(3, 92, 36)).isEqualTo(new Row.Verdict("≤ 3 ×", "2.56 ×", true));
        assertThat(Row.Verdict.part(15, 150, 6000)).isEqualTo(new Row.Verdict("≤ 1/15", "1/40", true));
        assertThat(Row.Verdict.part(15, 500, 6000)).isEqualTo(new Row.Verdict("≤ 1/15", "1/12", false));
        assertThat(Row.Verdict.percent(80, 90, 120)).isEqualTo(new Row.Verdict("≥ 80 %", "75 %", false));
        assertThat(Row.Verdict.percent(80, 96, 120).met()).isTrue();
    }

    @Test
    void aMedianAndWhatIsRareAreJudgedTogether() {
        assertThat(Row.Verdict.atMost(15, 60, new Row.Percentiles(300, 1, 12, 30, 61.0, 99), "ms"))
                .isEqualTo(new Row.Verdict("≤ 15 ms, p99 ≤ 60 ms", "12 ms, 61 ms", false));
        assertThat(Row.Verdict.atMost(15, 60, new Row.Percentiles(300, 1, 12, 30, 60.0, 99), "ms")
                        .met())
                .isTrue();
        assertThat(Row.Verdict.atMost(15, 60, new Row.Percentiles(10, 1, 12, 30, null, 99), "ms"))
                .isEqualTo(new Row.Verdict("≤ 15 ms", "12 ms", true));
    }

    @Test
    void numbersHaveThreeDigits() {
        assertThat(Row.Verdict.number(6123.4)).isEqualTo("6123");
        assertThat(Row.Verdict.number(61.26)).isEqualTo("61.3");
        assertThat(Row.Verdict.number(6.126)).isEqualTo("6.13");
        assertThat(Row.Verdict.number(15)).isEqualTo("15");
    }
}
