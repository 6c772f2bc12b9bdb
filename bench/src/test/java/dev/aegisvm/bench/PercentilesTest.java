package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class PercentilesTest {
    @Test
    void areValuesOfTheSampleWhateverItsOrder() {
        assertThat(Results.Percentiles.of(upTo(100))).isEqualTo(new Results.Percentiles(100, 1, 50, 90, null, 100));
        assertThat(Results.Percentiles.of(upTo(10))).isEqualTo(new Results.Percentiles(10, 1, 5, 9, null, 10));
        assertThat(Results.Percentiles.of(upTo(3))).isEqualTo(new Results.Percentiles(3, 1, 2, 3, null, 3));
    }

    @Test
    void ofASingleValueAreThatValue() {
        assertThat(Results.Percentiles.of(List.of(7.5)))
                .isEqualTo(new Results.Percentiles(1, 7.5, 7.5, 7.5, null, 7.5));
    }

    @Test
    void haveANinetyNinthOnlyWhereThereAreValuesBeyondIt() {
        assertThat(Results.Percentiles.of(upTo(299)).p99()).isNull();
        assertThat(Results.Percentiles.of(upTo(300)).p99()).isEqualTo(297);
    }

    private static List<Double> upTo(int last) {
        List<Double> values = new ArrayList<>(
                IntStream.rangeClosed(1, last).asDoubleStream().boxed().toList());
        Collections.shuffle(values, new Random(last));
        return values;
    }
}
