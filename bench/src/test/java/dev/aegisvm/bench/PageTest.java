package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
    private static final Options FEW = Options.parse(List.of("--runs", "5"));

    @TempDir
    Path checkout;

    @Test
    void alignsNumbersToTheRightAndTellsHowOftenTheFirstRowIsAPartsTime() {
        Turns turns = new Turns(FEW);
        turns.values("run", "run", "ms", Collections.nCopies(300, 142.4)).atMost(180);
        turns.values("other", "  other", "ms", List.of(31.4159, 20.07, 5.0));
        Metric template = turns.values("rate", "  rate", "MB/s", List.of(610.0));
        turns.values("cold", "cold boot", "ms", List.of(6100.0)).atLeastTimes(15, template);

        assertThat(Report.text(new Row.Section("Starts", turns.rows()))).isEqualTo("""
            ### Starts

            |           |  p50 |  p90 | p99 |  max | unit |   n | first row ÷ this |   target |         came |
            | --------- | ---: | ---: | --: | ---: | ---: | --: | ---------------: | -------: | -----------: |
            | run       |  142 |  142 | 142 |  142 |   ms | 300 |                  | ≤ 180 ms |  142 ms, met |
            | · other   | 20.1 | 31.4 |     | 31.4 |   ms |   3 |             7.10 |          |              |
            | · rate    |  610 |  610 |     |  610 | MB/s |   1 |                  |          |              |
            | cold boot | 6100 | 6100 |     | 6100 |   ms |   1 |                  |   ≥ 15 × | 10 ×, MISSED |
            """);
    }

    @Test
    void isMadeOfTheLastWholeRunOfEachCommand() throws IOException {
        Path page = checkout.resolve("docs/PERFORMANCE.md");

        Report.publish(results("a few runs", FEW.only()), FEW, checkout);
        assertThat(page).doesNotExist();
        assertThat(checkout.resolve("bench/target/bench.json")).content().contains("a few runs", "1.5");

        Report.publish(results("whole bench", Options.ALL.only()), Options.ALL, checkout);
        assertThat(page).content().contains("whole bench", "Not measured yet");

        Report.publish(results("whole soak", Options.SOAK.only()), Options.SOAK, checkout);
        Report.publish(results("a few runs", FEW.only()), FEW, checkout);
        assertThat(page)
                .content()
                .contains("whole bench", "whole soak", "performance/wakes.png", "performance/echo.svg")
                .doesNotContain("a few runs", "Not measured yet");
        assertThat(checkout.resolve("docs/performance/wakes.png")).isNotEmptyFile();
        assertThat(checkout.resolve("docs/performance/echo.svg")).content().contains("<svg", "<path");
    }

    @Test
    void whatIsMeasuredLaterOfTheSameProgramsIsAdded() throws IOException {
        Path page = checkout.resolve("docs/PERFORMANCE.md");
        Options rest = Options.parse(List.of("--only", "run,nested"));
        Options one = Options.parse(List.of("--only", "run"));
        Row.Results broken = results("a", EnumSet.complementOf(EnumSet.of(Subject.SOAK, Subject.RUN)));

        Report.publish(
                new Row.Results(broken.facts(), broken.sections(), List.of(Subject.NESTED.title() + ": broke off")),
                Options.ALL,
                checkout);
        Report.publish(results("b", one.only()), one, checkout);
        assertThat(page).doesNotExist();

        Report.publish(
                new Row.Results(broken.facts(), broken.sections(), List.of(Subject.NESTED.title() + ": broke off")),
                Options.ALL,
                checkout);
        Report.publish(results("a", one.only()), one, checkout);
        assertThat(page).doesNotExist();
        Report.publish(results("a", rest.only()), rest, checkout);
        assertThat(page)
                .content()
                .containsSubsequence(Subject.RUN.title(), Subject.EXEC.title(), Subject.NESTED.title());
    }

    private static Row.Results results(String commit, Set<Subject> subjects) {
        Turns turns = new Turns(FEW);
        for (int instances : List.of(1, 10, 30, 100)) {
            turns.values("running." + instances, "running", "ms", List.of(7.0, 7.5, 9.0 + instances / 10.0))
                    .at(Plot.WAKES, "running", instances);
            turns.values("stopped." + instances, "stopped", "ms", List.of(500.0, 520.0, 700.0 + instances))
                    .at(Plot.WAKES, "stopped", instances);
        }
        turns.value("a", "a", "ms", 1.5).at(Plot.ECHO, "aegis run", 0);
        turns.value("b", "b", "ms", 2.5).at(Plot.ECHO, "QEMU, restored", 0);
        return new Row.Results(
                Map.of("load after", "0 0 0", "commit", commit),
                subjects.stream()
                        .map(subject -> new Row.Section(subject.title(), turns.rows()))
                        .toList(),
                List.of());
    }
}
