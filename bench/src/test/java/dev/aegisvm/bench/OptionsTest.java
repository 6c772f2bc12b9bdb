package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void byDefaultAllIsMeasuredButTheSoak() {
        Options options = Options.parse(List.of());

        assertThat(options.only()).hasSize(Subject.values().length - 1).doesNotContain(Subject.SOAK);
        assertThat(options.runs()).isEqualTo(300);
        assertThat(options.isUsual()).isTrue();
        assertThat(options.name()).isEqualTo("bench");
    }

    @Test
    void everyOptionHasItsValue() {
        Options options =
                Options.parse(List.of("--runs", "5", "--only", "status,start", "--instances", "20", "--minutes", "2"));

        assertThat(options).isEqualTo(new Options(5, EnumSet.of(Subject.START, Subject.STATUS), 20, 2));
    }

    @Test
    void mistakesAreNamed() {
        assertMistake("there is no option '--fast'", "--fast", "1");
        assertMistake("'--runs' is no option, or lacks its value", "--runs");
        assertMistake("--runs takes a number from 1, not 'many'", "--runs", "many");
        assertMistake("--runs takes a number from 1, not '0'", "--runs", "0");
        assertMistake("there is no measure 'boots'", "--only", "boots");
    }

    private static void assertMistake(String sentence, String... words) {
        assertThatThrownBy(() -> Options.parse(List.of(words))).hasMessage(sentence);
    }
}
