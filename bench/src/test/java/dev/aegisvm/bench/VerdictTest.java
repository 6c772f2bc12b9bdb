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
        assertThat(verdict(ms(90).atLeastTimes(0.8, ms(120)))).isEqualTo(new Verdict("≥ 0.80 ×", "0.75 ×", false));
        assertThat(verdict(ms(96).atLeastTimes(0.8, ms(120))).met()).isTrue();
    }

    @Test
    void whatIsRareIsJudgedByTheHighestPercentileThatBothHave() {
        assertThat(verdict(ms(many(30)).tailAtMostTimes(3, ms(many(10)))))
                .isEqualTo(new Verdict("≤ 3 × of p99", "3 × of p99", true));
        assertThat(verdict(ms(8).tailAtMostTimes(3, ms(many(2)))))
                .isEqualTo(new Verdict("≤ 3 × of p90", "4 × of p90", false));
    }

    @Test
    void againstNothingThereIsNone() {
        assertThat(ms(8).atMostTimes(3, ms()).row().verdict()).isNull();
    }

    private static double[] many(double value) {
        double[] values = new double[Row.Percentiles.ENOUGH_FOR_P99];
        Arrays.fill(values, value);
        return values;
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
