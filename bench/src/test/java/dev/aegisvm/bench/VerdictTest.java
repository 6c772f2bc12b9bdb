package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.bench.Row.Verdict;
import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void aLimitItselfIsStillMet() {
        assertThat(verdict(ms(180).atMost(180))).isEqualTo(new Verdict("≤ 180 ms", "180 ms", true));
        assertThat(verdict(ms(180.4).atMost(180)).met()).isFalse();
    }

    @Test
    void comparesWithTheMedianOfAnother() {
        assertThat(verdict(ms(92).atMostTimes(3, ms(1, 36, 900)))).isEqualTo(new Verdict("≤ 3 ×", "2.56 ×", true));
        assertThat(verdict(ms(92).atMostMore(5, ms(86)))).isEqualTo(new Verdict("≤ 91 ms", "92 ms", false));
        assertThat(verdict(ms(6000).atLeastTimes(15, ms(150)))).isEqualTo(new Verdict("≥ 15 ×", "40 ×", true));
        assertThat(verdict(ms(90).atLeastPercent(80, ms(120)))).isEqualTo(new Verdict("≥ 80 %", "75 %", false));
        assertThat(verdict(ms(96).atLeastPercent(80, ms(120))).met()).isTrue();
    }

    @Test
    void aMedianAndWhatIsRareAreJudgedTogether() {
        double[] many = new double[300];
        Arrays.fill(many, 12);
        Arrays.fill(many, 0, 3, 61);
        assertThat(verdict(ms(many).atMost(15, 60)))
                .isEqualTo(new Verdict("≤ 15 ms, p99 ≤ 60 ms", "12 ms, 12 ms", true));
        many[3] = 61.0;
        assertThat(verdict(ms(many).atMost(15, 60)).met()).isFalse();
        assertThat(verdict(ms(12).atMost(15, 60))).isEqualTo(new Verdict("≤ 15 ms", "12 ms", true));
    }

    @Test
    void numbersHaveThreeDigits() {
        assertThat(Verdict.number(6123.4)).isEqualTo("6123");
        assertThat(Verdict.number(61.26)).isEqualTo("61.3");
        assertThat(Verdict.number(6.126)).isEqualTo("6.13");
        assertThat(Verdict.number(15)).isEqualTo("15");
    }

    private static Metric ms(double... values) {
        Metric series = new Metric("name", "title", "ms");
        DoubleStream.of(values).forEach(series::add);
        return series;
    }

    private static Verdict verdict(Metric series) {
        return Objects.requireNonNull(series.row().verdict());
    }
}
