package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.daemon.boot.Admission;
import dev.aegisvm.daemon.home.Config;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.fake.FakeVmm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A daemon that is killed by force, in the middle of each thing that it does, and the daemon after it. */
class KilledDaemonTest {
    private static final Pattern ID = Pattern.compile("\"id\":\"(inst-[0-9a-f]+)\"");

    @TempDir
    Path directory;

    private Home home;
    private Http http;

    @BeforeEach
    void prepare() throws IOException {
        home = Home.of(Map.of("AEGIS_HOME", directory.resolve("home").toString()), PrivateDirectory.ourUid(), false);
        http = new Http(home.socket());
    }

    private Daemon next() throws HomeException {
        return Daemon.open(
                home,
                Config.defaults(),
                new FakeVmm(),
                new Daemon.Host(
                        new Admission(OptionalLong::empty, OptionalLong.empty()),
                        DaemonHarness.JAIL,
                        new SmallWorld().world(home)));
    }

    private String create(String body) throws IOException {
        String answer = http.post("/v1/instances", body).body();
        return ID.matcher(answer).results().findFirst().orElseThrow().group(1);
    }

    private InstanceView view(String id) throws IOException {
        return ApiJson.answer(
                InstanceView.class, http.get("/v1/instances/" + id).body().getBytes(StandardCharsets.UTF_8));
    }

    private void awaitTold(String id, String state) {
        await().untilAsserted(() -> assertThat(http.get("/v1/events").body().lines())
                .anyMatch(line -> line.contains(id) && line.contains("\"to\":\"" + state + "\"")));
    }

    /** Asks for something that will never be answered. */
    private void begin(String method, String path) {
        Thread.ofVirtual().start(() -> {
            try {
                http.send(method, path, "");
            } catch (IOException | RuntimeException killed) {
                // The daemon was killed, as it should be.
            }
        });
    }

    /** Everything of the host that works with our run directory, but ourselves. */
    private List<String> processes() throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                String commandLine = read(process.resolve("cmdline"));
                if (commandLine.contains(home.runDirectory() + "/")) {
                    found.add(commandLine);
                }
            }
        }
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString().replace(".ndjson", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** The state in which the daemon is killed, where its VMs are held back, and what leads there. */
    @ParameterizedTest
    @CsvSource({
        "starting, START,    '',",
        "running,  '',       '',",
        "pausing,  PAUSE,    '',    pause",
        "paused,   '',       '',    pause",
        "resuming, RESUME,   pause, resume",
        "stopping, SHUTDOWN, '',    stop",
        "stopping, SHUTDOWN, '',    disable",
        "deleting, KILL,     '',    DELETE",
    })
    void everythingOfItIsCollectedAndTheInstanceIsWhole(String state, String moment, String first, String then)
            throws Exception {
        KilledDaemon killed = KilledDaemon.start(home.root(), moment);
        String id = create("{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        // Its connection ends with the daemon.
        var _ = http.upgrade("/v1/instances", "{\"command\":[\"sleep\"],\"ephemeral\":true}");
        if (!state.equals("starting")) {
            awaitTold(id, "running");
        }
        if (!first.isEmpty()) {
            assertThat(http.post("/v1/instances/box/" + first, "").status()).isEqualTo(200);
        }
        if (then != null) {
            begin(
                    then.equals("DELETE") ? then : "POST",
                    "/v1/instances/box" + (then.equals("DELETE") ? "" : "/" + then));
        }
        awaitTold(id, state);
        await().untilAsserted(() -> assertThat(processes()).hasSize(2));
        Path unfinished = Files.writeString(home.instance(id).resolve("disk.raw.unfinished"), "half a disk");
        killed.kill();
        assertThat(processes()).hasSize(2);

        try (Daemon daemon = next()) {
            assertThat(daemon).isNotNull();
            assertThat(processes()).isEmpty();
            assertThat(home.runDirectory()).isEmptyDirectory();
            assertThat(names(home.instances())).containsExactly(id);
            assertThat(unfinished).doesNotExist();
            InstanceView box = view("box");
            assertThat(box.state().wire()).isEqualTo("stopped");
            assertThat(box.enabled()).isEqualTo(!"disable".equals(then));
            assertThat(box.reason()).isEqualTo("the daemon was killed");
            if (!state.equals("starting")) {
                assertThat(home.instance(id).resolve("disk.raw")).hasContent("disk of " + id);
            }
            assertThat(http.get("/v1/instances").body()).doesNotContain("\"ephemeral\":true");
            startsAgainAndGoesWithoutTrace(id);
        }
    }

    private void startsAgainAndGoesWithoutTrace(String id) throws IOException {
        assertThat(http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        awaitTold(id, "running");
        assertThat(http.delete("/v1/instances/box").status()).isEqualTo(200);
        assertThat(home.instances()).isEmptyDirectory();
        assertThat(home.logs()).isEmptyDirectory();
    }

    @Test
    void oneWithoutMemoryEndsAtOnceAndTheNextRecovers() throws Exception {
        KilledDaemon starved = KilledDaemon.start(home.root(), "");
        String id = create("{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        awaitTold(id, "running");
        KilledDaemon.starve(home.root());
        Thread.ofVirtual().start(() -> {
            try {
                http.upgrade("/v1/instances", "{\"command\":[\"sleep\"],\"ephemeral\":true}");
            } catch (IOException | RuntimeException ended) {
                // For want of memory, as it should.
            }
        });
        assertThat(starved.end()).contains("java.lang.OutOfMemoryError", " 3");
        Files.delete(home.root().resolve("starve"));
        try (Daemon daemon = next()) {
            assertThat(daemon).isNotNull();
            assertThat(processes()).isEmpty();
            assertThat(view("box").state().wire()).isEqualTo("stopped");
            assertThat(view("box").reason()).isEqualTo("the daemon was killed");
            startsAgainAndGoesWithoutTrace(id);
        }
    }

    @Test
    void inTheMiddleOfPruningEachInstanceIsWholeOrGone() throws Exception {
        KilledDaemon killed = KilledDaemon.start(home.root(), "");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ids.add(create("{\"command\":[\"print\",\"hello\"]}"));
        }
        for (String id : ids) {
            awaitTold(id, "stopped");
        }
        try (Http.Connection events = http.open("GET", "/v1/events?follow=true&tail=0", "", "")) {
            begin("POST", "/v1/instances/prune?older_than=0s");
            while (!events.chunk().contains("\"to\":\"deleted\"")) {
                // The first is about to go.
            }
            killed.kill();
        }
        try (Daemon daemon = next()) {
            assertThat(daemon).isNotNull();
            List<InstanceView> left = ApiJson.read(
                    Routes.LIST.answer(), http.get("/v1/instances").body().getBytes(StandardCharsets.UTF_8));
            Set<String> whole = left.stream().map(InstanceView::id).collect(Collectors.toCollection(TreeSet::new));
            assertThat(whole).isNotEmpty().hasSizeLessThan(30);
            assertThat(names(home.instances())).isEqualTo(whole);
            assertThat(names(home.logs())).isEqualTo(whole);
            assertThat(left).allSatisfy(view -> assertThat(view.exitCode()).isZero());
        }
    }

    @Test
    void whileItLivesASecondOneIsRefusedAndNamesIt() throws Exception {
        KilledDaemon first = KilledDaemon.start(home.root(), "");
        try {
            String id = create("{\"command\":[\"sleep\"],\"handle\":\"box\"}");
            awaitTold(id, "running");
            assertThatThrownBy(this::next)
                    .isInstanceOf(HomeException.class)
                    .hasMessageContaining("another daemon uses this home directory (pid " + first.pid() + ")");
            assertThat(view("box").state().wire()).isEqualTo("running");
            assertThat(processes()).hasSize(1);
        } finally {
            first.kill();
        }
        next().close();
        assertThat(processes()).isEmpty();
    }
}
