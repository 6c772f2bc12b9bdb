package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static final Path CHECKOUT = Path.of("/c");

    @Test
    void byDefaultAllIsMeasuredButTheFreshClone() {
        Options options = Options.parse(List.of(), CHECKOUT);

        assertThat(options.only()).hasSize(Subject.values().length - 1).doesNotContain(Subject.FRESH);
        assertThat(options.runs()).isEqualTo(Row.Percentiles.ENOUGH_FOR_P99);
        assertThat(options.json()).isEqualTo(Path.of("/c/bench/target/results.json"));
    }

    @Test
    void everyOptionHasItsValue() {
        Options options = Options.parse(
                List.of("--runs", "5", "--only", "status,start", "--json", "/tmp/x.json", "--minutes", "2"), CHECKOUT);

        assertThat(options.runs()).isEqualTo(5);
        assertThat(options.only()).containsExactly(Subject.START, Subject.STATUS);
        assertThat(options.json()).isEqualTo(Path.of("/tmp/x.json"));
        assertThat(options.limit()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void mistakesAreNamed() {
        assertMistake("there is no option '--fast'", "--fast", "1");
        assertMistake("'--runs' is no option, or lacks its value", "--runs");
        assertMistake("--runs takes a number, not 'many'", "--runs", "many");
        assertMistake("--runs takes 1..100000, not 0", "--runs", "0");
        assertMistake("there is no measure 'boots'", "--only", "boots");
    }

    private static void assertMistake(String sentence, String... words) {
        assertThatThrownBy(() -> Options.parse(List.of(words), CHECKOUT)).hasMessage(sentence);
    }
}
