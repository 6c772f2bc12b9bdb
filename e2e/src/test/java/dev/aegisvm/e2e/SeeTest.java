package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.client.DaemonClient;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What runs, and what it costs, as its user sees it; to look wakes nobody. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("how VMs are shown")
class SeeTest {
    private static final String BOX = "box";
    private static final Pattern PRIVATE = Pattern.compile("(?m)^Private_\\w+: +(\\d+) kB");
    /** A comment, or a name with labels and a number. */
    private static final Pattern METRIC = Pattern.compile(
            "# (HELP|TYPE) aegis_\\w+ .+|aegis_\\w+(\\{\\w+=\"[\\w-]+\"(,\\w+=\"[\\w-]+\")*})? [0-9.E+-]+");

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().withBox();

    @TempDir
    Path directory;

    @Test
    void toLookWakesNobody() throws IOException {
        for (String name : List.of("sleeper", "gone")) {
            home.aegis("instance", "start", "--name", name, "--", "sleep", "infinity")
                    .ok();
            home.aegis("exec", name, "--", "true").ok();
        }
        home.aegis("instance", "pause", "sleeper").ok();
        home.aegis("instance", "stop", "gone").ok();
        String events = home.aegis("events").ok().stdout();
        try (DaemonClient client = home.client()) {
            Map<String, StatsView> stats = client.call(Routes.ALL_STATS).stream()
                    .collect(Collectors.toMap(each -> String.valueOf(each.handle()), Function.identity()));
            for (String name : List.of(BOX, "sleeper")) {
                StatsView each = Objects.requireNonNull(stats.get(name));
                MemoryView memory = Objects.requireNonNull(each.memory());
                long pid = home.vmPids(each.id()).getFirst();
                assertThat(memory.unique()).isCloseTo(privateBytes(pid), Percentage.withPercentage(25));
                assertThat(memory.shared()).isPositive();
                assertThat(each.cpuMs()).isBetween(1L, ProcStat.of(pid).cpuTicks() * 10);
            }
            assertThat(Objects.requireNonNull(stats.get("gone")).memory()).isNull();
        }
        assertThat(home.aegis("stats").ok().stdout())
                .containsPattern("(?m)^box +running +\\d+\\.\\d ")
                .containsPattern("(?m)^sleeper +paused +0\\.0 ")
                .containsPattern("(?m)^gone +stopped +- ");
        assertThat(home.aegis("top", "sleeper").stderr()).contains("sleeper is paused");
        assertThat(home.aegis("events").ok().stdout()).isEqualTo(events);
        assertThat(home.aegis("top", BOX).ok().stdout()).contains("sleep infinity");
    }

    private static long privateBytes(long pid) throws IOException {
        String rollup = Files.readString(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
        return PRIVATE.matcher(rollup)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)) << 10)
                .sum();
    }

    @Test
    void topTakesTheTerminalAndGivesItBack() {
        String shown = home.line(
                        "printf q | script -qec 'stty rows 20 cols 60; aegis top; stty -a' /dev/null", directory)
                .await()
                .ok()
                .stdout();
        assertThat(shown)
                .containsSubsequence("\u001b[?1049h", "NAME", BOX, "\u001b[?25h\u001b[?1049l", " icanon ", " echo ");
    }

    @Test
    void metricsTellOfStarts() throws IOException {
        home.aegis("run", "--", "true").ok();
        ApiCaller caller = new ApiCaller(home.directory().resolve("aegisd.sock"));
        String text = caller.send("GET", "/v1/metrics", Map.of("Connection", "close"), new byte[0], false)
                .text();
        assertThat(text.lines()).allMatch(line -> METRIC.matcher(line).matches());
        assertThat(text)
                .containsPattern("aegis_start_seconds_count\\{way=\"(template|cold)\"} [12]\n")
                .containsPattern("aegis_start_stage_seconds_sum\\{stage=\"hello\",way=\"[a-z]+\"} 0\\.\\d+|[1-9]")
                .contains("aegis_instances{state=\"running\"} 1.0\n", "aegis_execs_total 1.0\n");
    }

    @Test
    void whatIsNotUsedCanGo() throws IOException {
        assertThat(home.aegis("system", "df").ok().stdout())
                .containsPattern("(?m)^guest +\\d+ +\\d")
                .containsPattern("(?m)^templates +[1-9]\\d* ")
                .containsPattern("(?m)^disks +1 ");
        assertThat(home.aegis("system", "prune").exitCode()).isEqualTo(2);
        // Others use this cache: nothing in it is a hundred years old.
        assertThat(home.aegis("system", "prune", "--force", "--older-than", "36500d")
                        .ok()
                        .stdout())
                .contains("templates: 0 removed", "guest: 0 removed", "in all: 0 B freed");
        home.aegis("exec", BOX, "--", "true").ok();
    }
}
