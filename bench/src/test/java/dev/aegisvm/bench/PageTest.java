package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.TextResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
    private static final Options FEW = Options.parse(List.of("--runs", "5"));

    @TempDir
    Path checkout;

    @Test
    void alignsNumbersToTheRightAndTellsHowOftenTheFirstRowIsAPartsTime() throws IOException {
        Turns turns = new Turns(FEW);
        keep(turns, "status.jvm", 31.4159, 20.07, 5.0);
        keep(turns, "status", Collections.nCopies(300, 142.4).toArray(Double[]::new));
        keep(turns, "copy.in", 6100.0);

        assertThat(tables(turns)).isEqualTo("""

            ### `aegis status`

            |                               |  p50 |  p90 | p99 |  max | unit |   n | first row ÷ this | target |           came |
            | ----------------------------- | ---: | ---: | --: | ---: | ---: | --: | ---------------: | -----: | -------------: |
            | `aegis status`, whole process |  142 |  142 | 142 |  142 |   ms | 300 |                  |  ≤ 3 × | 7.10 ×, MISSED |
            | · a bare JVM's hello world    | 20.1 | 31.4 |     | 31.4 |   ms |   3 |             7.10 |        |                |

            ### Output and copies of 256 MiB

            |                                    |  p50 |  p90 | p99 |  max | unit |   n | first row ÷ this | target | came |
            | ---------------------------------- | ---: | ---: | --: | ---: | ---: | --: | ---------------: | -----: | ---: |
            | 256 MiB into a guest by `aegis cp` | 6100 | 6100 |     | 6100 | MB/s |   1 |                  |        |      |
            """);
    }

    @Test
    void aTargetIsOfTheMedianAndMetByTheLimitItself() throws IOException {
        assertThat(verdictOf("resume", 30.0)).contains("| ≤ 30 ms | 30 ms, met |");
        assertThat(verdictOf("resume", 30.4)).contains("| ≤ 30 ms | 30.4 ms, MISSED |");
        assertThat(verdictOf("resume", 1.0, 30.0, 900.0)).contains("| 30 ms, met |");
    }

    @Test
    void aTargetComparesWithAnotherRow() throws IOException {
        assertThat(verdictOf("run.image", 92.0, "run", 86.0)).contains("| ≤ 101 ms | 92 ms, met |");
        assertThat(verdictOf("copy.in", 90.0, "copy.in.port", 200.0)).contains("| ≥ 0.50 × | 0.45 ×, MISSED |");
        assertThat(verdictOf("copy.in", 100.0, "copy.in.port", 200.0)).contains("0.50 ×, met |");
        assertThat(verdictOf("soak.paused.random", 9.0, "soak.paused.1", 2.0))
                .contains("| ≤ 3 × of p90 | 4.50 × of p90, MISSED |");
    }

    @Test
    void rowsOfANumberStandTogetherInItsOrder() throws IOException {
        Turns turns = new Turns(FEW);
        for (String size : List.of("1024", "256")) {
            keep(turns, "start." + size + ".qemu", 1.0);
            keep(turns, "start." + size, 2.0);
        }
        keep(turns, "start.answered", 4.0);
        keep(turns, "start.spawn", 3.0);
        keep(turns, "start", 5.0);

        assertThat(tables(turns)
                        .lines()
                        .skip(4)
                        .map(line -> line.substring(2, 20).strip()))
                .containsExactly(
                        "-".repeat(18),
                        "POST /v1/instances",
                        "· spawn",
                        "· by a client's cl",
                        "of a VM of 256 MB",
                        "· QEMU without us,",
                        "of a VM of 1024 MB",
                        "· QEMU without us,");
    }

    @Test
    void eachTargetNamesARow() {
        List<String> compared = Pattern.compile("[≤≥] [\\d.]+ (?:×|\\+|tail ×) (\\S+)")
                .matcher(TextResource.of(Rows.class, "rows.txt"))
                .results()
                .map(found -> found.group(1).replace("N", "1"))
                .toList();

        assertThat(compared)
                .hasSizeGreaterThan(15)
                .allSatisfy(name -> assertThat(Rows.OURS.known(name)).isEqualTo(name));
        assertThatThrownBy(() -> Rows.OURS.known("stop.1")).hasMessage("rows.txt has no row 'stop.N'");
    }

    @Test
    void isMadeOfTheLastWholeRunOfEachCommand() throws IOException {
        Path page = checkout.resolve("docs/PERFORMANCE.md");

        Report.publish(results("a few runs", FEW.only()), FEW, checkout);
        assertThat(page).doesNotExist();
        assertThat(checkout.resolve("bench/target/bench.json")).content().contains("a few runs", "1.5");

        Report.publish(results("all of bench", Options.ALL.only()), Options.ALL, checkout);
        assertThat(page).content().contains("all of bench", "Not measured yet");

        Report.publish(results("all of soak", Options.SOAK.only()), Options.SOAK, checkout);
        Report.publish(results("a few runs", FEW.only()), FEW, checkout);
        assertThat(page)
                .content()
                .contains("all of bench", "all of soak", "performance/wakes.svg")
                .doesNotContain("a few runs", "Not measured yet");
        assertThat(checkout.resolve("bench/target/plots/wakes")).hasContent("""
            "running"
            1.0 7.5 9.0
            10.0 7.5 9.0


            "stopped"
            1.0 520.0 700.0


            """);
    }

    @Test
    void whatIsMeasuredLaterOfTheSameProgramsIsAdded() throws IOException {
        Path page = checkout.resolve("docs/PERFORMANCE.md");
        Options rest = Options.parse(List.of("--only", "run,nested"));
        Options one = Options.parse(List.of("--only", "run"));
        Results all = results("a", EnumSet.complementOf(EnumSet.of(Subject.SOAK, Subject.RUN)));
        Results broken = new Results(all.facts(), all.rows(), Map.of("nested", "broke off"));

        Report.publish(broken, Options.ALL, checkout);
        Report.publish(results("b", one.only()), one, checkout);
        assertThat(page).doesNotExist();

        Report.publish(broken, Options.ALL, checkout);
        Report.publish(results("a", one.only()), one, checkout);
        assertThat(page).doesNotExist();
        Report.publish(results("a", rest.only()), rest, checkout);
        assertThat(page)
                .content()
                .containsSubsequence(Subject.RUN.title(), Subject.EXEC.title(), Subject.NESTED.title());
    }

    private static String verdictOf(String row, Double... values) throws IOException {
        Turns turns = new Turns(FEW);
        keep(turns, row, values);
        return tables(turns);
    }

    private static String verdictOf(String row, double value, String other, double than) throws IOException {
        Turns turns = new Turns(FEW);
        keep(turns, row, value);
        keep(turns, other, than);
        return tables(turns);
    }

    private static String tables(Turns turns) {
        return new Report(new Results(Map.of(), turns.rows(), Map.of())).tables();
    }

    private static void keep(Turns turns, String row, Double... values) throws IOException {
        for (double value : values) {
            turns.keep(row, value);
        }
    }

    /** One row of each subject at least. */
    private static Results results(String commit, Set<Subject> subjects) throws IOException {
        Map<Subject, String> names = Map.of(
                Subject.BYTES,
                "copy.in",
                Subject.WAKE,
                "wake.storm.1",
                Subject.RELAY,
                "relay.echo",
                Subject.NETWORK,
                "network.get",
                Subject.IMAGES,
                "images.pull.50",
                Subject.WORKSPACE,
                "workspace.read",
                Subject.SNAPSHOTS,
                "fork",
                Subject.NESTED,
                "nested.first",
                Subject.MEMORY,
                "memory.daemon",
                Subject.SOAK,
                "soak.errors");
        Turns turns = new Turns(FEW);
        for (Subject subject : subjects) {
            keep(turns, names.getOrDefault(subject, subject.word()), 1.5);
        }
        if (subjects.contains(Subject.SOAK)) {
            keep(turns, "soak.running.10", 7.0, 7.5, 9.0);
            keep(turns, "soak.running.1", 7.0, 7.5, 9.0);
            keep(turns, "soak.stopped.1", 500.0, 520.0, 700.0);
        }
        return new Results(Map.of("load after", "0 0 0", "commit", commit), turns.rows(), Map.of());
    }
}
