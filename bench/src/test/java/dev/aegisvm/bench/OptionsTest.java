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
        assertThat(options.runs()).isEqualTo(Row.Percentiles.ENOUGH_FOR_P99);
        assertThat(options.name()).isEqualTo("bench");
    }

    @Test
    void everyOptionHasItsValue() {
        Options options =
                Options.parse(List.of("--runs", "5", "--only", "status,start", "--instances", "20", "--minutes", "2"));

        assertThat(options).isEqualTo(new Options(5, EnumSet.of(Subject.START, Subject.STATUS), 20, 2));
    }

    @Test
    void thePageIsMadeOfWholeRunsOnly() {
        Row.Results bench = results(Options.ALL.only());
        assertThat(Options.parse(List.of()).whole(bench)).isTrue();
        assertThat(Options.parse(List.of("--only", "status")).whole(bench)).isTrue();
        assertThat(Options.parse(List.of("--runs", "5")).whole(bench)).isFalse();
        assertThat(Options.parse(List.of()).whole(results(Set.of(Subject.STATUS))))
                .isFalse();

        Row.Results soaked = results(Options.SOAK.only());
        Options soak = Options.parse(List.of("--only", "soak", "--instances", "100", "--minutes", "10"));
        assertThat(soak.whole(soaked)).isTrue();
        assertThat(soak.name()).isEqualTo("soak");
        assertThat(Options.parse(List.of("--only", "soak", "--minutes", "1")).whole(soaked))
                .isFalse();
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
        assertThatThrownBy(() -> Options.parse(List.of(words))).hasMessage(sentence);
    }

    private static Row.Results results(Set<Subject> measured) {
        List<Row.Section> sections = measured.stream()
                .map(subject -> new Row.Section(subject.title(), List.of()))
                .toList();
        return new Row.Results(Map.of(), sections, List.of());
    }
}
