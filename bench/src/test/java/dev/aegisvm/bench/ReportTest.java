package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.TextResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code report.py} makes of what was measured: tables, the values that are kept, and the page. */
class ReportTest {
    private static final Path RESOURCES = Path.of("src/main/resources/dev/aegisvm/bench");
    private static final Options FEW = Options.parse(List.of("--runs", "5"));
    private static final Options SOAK = Options.parse(List.of("--only", "soak"));

    @TempDir
    Path checkout;

    @BeforeEach
    void copyTheScript() throws IOException {
        Path resources = Files.createDirectories(checkout.resolve("bench").resolve(RESOURCES.toString()));
        for (String name : List.of("report.py", "rows.txt", "page.md")) {
            Files.copy(RESOURCES.resolve(name), resources.resolve(name));
        }
    }

    @Test
    void alignsNumbersToTheRightAndTellsHowOftenTheFirstRowIsAPartsTime() throws IOException {
        Map<String, List<Double>> rows = Map.of(
                "status.jvm",
                List.of(31.4159, 20.07, 5.0),
                "status",
                Collections.nCopies(300, 142.4),
                "copy.in",
                List.of(6100.0));

        assertThat(tables(rows)).isEqualTo("""

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
    void percentilesAreValuesOfTheSampleWhateverItsOrder() throws IOException {
        assertThat(tables(Map.of("exec.new", upTo(100)))).contains("|  50 |  90 |     | 100 |   ms | 100 |");
        assertThat(tables(Map.of("exec.new", upTo(10)))).contains("|   5 |   9 |     |  10 |   ms |  10 |");
        assertThat(tables(Map.of("exec.new", upTo(3)))).contains("|   2 |   3 |     |   3 |   ms |   3 |");
        assertThat(tables(Map.of("exec.new", List.of(7.5)))).contains("| 7.50 | 7.50 |     | 7.50 |   ms |   1 |");
    }

    @Test
    void thereIsANinetyNinthOnlyWhereThereAreValuesBeyondIt() throws IOException {
        assertThat(tables(Map.of("exec.new", upTo(299)))).contains("| 150 | 270 |     | 299 |   ms | 299 |");
        assertThat(tables(Map.of("exec.new", upTo(300)))).contains("| 150 | 270 | 297 | 300 |   ms | 300 |");
    }

    private static List<Double> upTo(int last) {
        List<Double> values = new ArrayList<>(
                IntStream.rangeClosed(1, last).asDoubleStream().boxed().toList());
        Collections.shuffle(values, new Random(last));
        return values;
    }

    @Test
    void aTargetIsOfTheMedianAndMetByTheLimitItself() throws IOException {
        assertThat(tables(Map.of("resume", List.of(30.0)))).contains("| ≤ 30 ms | 30 ms, met |");
        assertThat(tables(Map.of("resume", List.of(30.4)))).contains("| ≤ 30 ms | 30.4 ms, MISSED |");
        assertThat(tables(Map.of("resume", List.of(1.0, 30.0, 900.0)))).contains("| 30 ms, met |");
    }

    @Test
    void aTargetComparesWithAnotherRow() throws IOException {
        assertThat(verdict("run.image", 92.0, "run", 86.0)).contains("| ≤ 101 ms | 92 ms, met |");
        assertThat(verdict("copy.in", 90.0, "copy.in.port", 200.0)).contains("| ≥ 0.50 × | 0.45 ×, MISSED |");
        assertThat(verdict("copy.in", 100.0, "copy.in.port", 200.0)).contains("0.50 ×, met |");
        assertThat(verdict("soak.paused.random", 9.0, "soak.paused.1", 2.0))
                .contains("| ≤ 3 × of p90 | 4.50 × of p90, MISSED |");
    }

    private String verdict(String row, double value, String other, double than) throws IOException {
        return tables(Map.of(row, List.of(value), other, List.of(than)));
    }

    @Test
    void rowsOfANumberStandTogetherInItsOrder() throws IOException {
        Map<String, List<Double>> rows = new HashMap<>();
        for (String name : List.of("start.1024.qemu", "start.1024", "start.256.qemu", "start.256")) {
            rows.put(name, List.of(1.0));
        }
        for (String name : List.of("start.answered", "start.spawn", "start")) {
            rows.put(name, List.of(3.0));
        }

        assertThat(tables(rows)
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
        Turns turns = new Turns(FEW);
        List<String> compared = Pattern.compile("[≤≥] [\\d.]+ (?:×|\\+|tail ×) (\\S+)")
                .matcher(TextResource.of(Turns.class, "rows.txt"))
                .results()
                .map(found -> found.group(1).replace("N", "1"))
                .toList();

        assertThat(compared)
                .hasSizeGreaterThan(15)
                .allSatisfy(name ->
                        assertThatCode(() -> turns.keep(name, 1)).as(name).doesNotThrowAnyException());
        assertThatThrownBy(() -> turns.keep("stop.1", 1)).hasMessage("rows.txt has no row 'stop.1'");
    }

    @Test
    void thePageIsMadeOfTheLastWholeRunOfEachCommand() throws IOException {
        Path page = checkout.resolve("docs/PERFORMANCE.md");

        report("a few runs", FEW, FEW.only());
        assertThat(page).doesNotExist();
        assertThat(checkout.resolve("bench/target/bench.json")).content().contains("a few runs", "1.5");

        report("all of bench", Options.ALL, Options.ALL.only());
        assertThat(page).content().contains("all of bench", "Not measured yet");

        report("all of soak", SOAK, SOAK.only());
        report("a few runs", FEW, FEW.only());
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
        Set<Subject> allButOne = EnumSet.complementOf(EnumSet.of(Subject.SOAK, Subject.RUN));
        Results broken = results("a", Options.ALL, allButOne, Map.of("nested", "broke off"));

        assertThat(broken.report(checkout)).contains("FAILED nested: broke off");
        report("b", one, one.only());
        assertThat(page).doesNotExist();

        broken.report(checkout);
        report("a", one, one.only());
        assertThat(page).doesNotExist();
        report("a", rest, rest.only());
        assertThat(page)
                .content()
                .containsSubsequence(
                        "### `echo hi`, as a whole process", "### Exec of `true`", "### With KVM, in a VM");
    }

    /** Between what is said before and after them. */
    private String tables(Map<String, List<Double>> rows) throws IOException {
        Results results = new Results("bench", false, List.of(), Map.of("load after", "0 0 0"), rows, Map.of());
        String said = results.report(checkout);
        Files.delete(checkout.resolve("bench/target/bench.json"));
        return said.substring(said.indexOf('\n') + 1, said.indexOf("\nall values: "));
    }

    private void report(String commit, Options options, Set<Subject> subjects) throws IOException {
        var _ = results(commit, options, subjects, Map.of()).report(checkout);
    }

    /** One row of each subject at least. */
    private static Results results(
            String commit, Options options, Set<Subject> subjects, Map<String, String> failures) {
        Map<Subject, String> names = new EnumMap<>(Map.of(
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
                "soak.errors"));
        Map<String, List<Double>> rows = new HashMap<>();
        for (Subject subject : subjects) {
            rows.put(names.getOrDefault(subject, subject.word()), List.of(1.5));
        }
        if (subjects.contains(Subject.SOAK)) {
            rows.put("soak.running.10", List.of(7.0, 7.5, 9.0));
            rows.put("soak.running.1", List.of(7.0, 7.5, 9.0));
            rows.put("soak.stopped.1", List.of(500.0, 520.0, 700.0));
        }
        Map<String, String> facts = Map.of("load after", "0 0 0", "commit", commit);
        List<String> words = options.only().stream().map(Subject::word).toList();
        return new Results(options.name(), options.isUsual(), words, facts, rows, failures);
    }
}
