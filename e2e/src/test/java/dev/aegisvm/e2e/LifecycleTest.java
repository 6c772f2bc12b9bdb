package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The result of each operation in each state, and that a disabled instance stays as it is. */
@Tag("vm")
@NotInOuterVm("states, as in InstanceTest and PauseTest")
class LifecycleTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private static final String SAID = "said by the main process";
    private static final String[] BUSY = {"sh", "-c", "echo " + SAID + "; exec sleep 600"};

    /** A row of the table: the result, enabled or not, in the list or not, logs kept or not, and what the VM does. */
    private record Row(String result, String enabled, String inList, String logs, String vm) {
        static Row of(String id) throws IOException {
            Optional<InstanceView> found = listed(id);
            return new Row(
                    found.map(view -> view.state().wire()).orElse("removed"),
                    found.map(view -> view.enabled() ? "yes" : "no").orElse("-"),
                    HOME.aegis("instance", "list").ok().stdout().contains(id) ? "yes" : "no",
                    logsKept(id) ? "yes" : "no",
                    vm(id));
        }

        private static Optional<InstanceView> listed(String id) throws IOException {
            try (DaemonClient client = HOME.client()) {
                return client.call(Routes.LIST).stream()
                        .filter(view -> view.id().equals(id))
                        .findFirst();
            }
        }

        private static boolean logsKept(String id) throws IOException {
            Path log = HOME.directory().resolve("data/logs/" + id + ".ndjson");
            return Files.exists(log) && Files.readString(log).contains(SAID);
        }

        private static String vm(String id) throws IOException {
            List<Long> pids = HOME.vmPids(id);
            if (pids.isEmpty()) {
                return "no";
            }
            return ProcStat.of(pids.getFirst()).isStopped() ? "suspended" : "runs";
        }
    }

    @Test
    void aProcessThatExitsNaturally() throws IOException {
        try (Events events = Events.of(HOME)) {
            start("natural", "sh", "-c", "echo " + SAID + "; exit 3");
            String id = events.await("natural", "stopped").instanceId();
            assertThat(Row.of(id)).isEqualTo(new Row("stopped", "yes", "yes", "yes", "no"));
        }
        InstanceView view = view("natural");
        assertThat(view.exitCode()).isEqualTo(3);
        assertThat(view.reason()).isEqualTo("process exited (code=3)");
        assertThat(view.stoppedAt()).isBetween(view.createdAt(), Instant.now());
        assertThat(HOME.aegis("logs", "natural").ok().stdout()).contains(SAID);
        HOME.aegis("instance", "delete", "natural").ok();
    }

    @Test
    void disable() throws IOException {
        String id = running("disabled");
        assertThat(Row.of(id)).isEqualTo(new Row("running", "yes", "yes", "yes", "runs"));
        HOME.aegis("instance", "disable", "disabled").ok();
        assertThat(Row.of(id)).isEqualTo(new Row("stopped", "no", "yes", "yes", "no"));
        HOME.aegis("instance", "delete", "disabled").ok();
    }

    @Test
    void stopAndStart() throws IOException {
        String id = running("stopped");
        HOME.aegis("instance", "stop", "stopped").ok();
        assertThat(Row.of(id)).isEqualTo(new Row("stopped", "yes", "yes", "yes", "no"));
        assertThat(view("stopped").exitCode()).as("of a process that was ended").isNull();
        assertThat(HOME.aegis("instance", "list", "--stopped").ok().stdout()).contains(id);
        assertThat(HOME.aegis("instance", "list", "--running").ok().stdout()).doesNotContain(id);
        HOME.aegis("instance", "start", "--name", "stopped").ok();
        HOME.aegis("exec", "stopped", "--", "true").ok();
        assertThat(Row.of(id)).isEqualTo(new Row("running", "yes", "yes", "yes", "runs"));
        assertThat(view("stopped").stoppedAt()).isNull();
        HOME.aegis("instance", "delete", "stopped").ok();
    }

    @Test
    void pause() throws IOException {
        String id = running("paused");
        HOME.aegis("instance", "pause", "paused").ok();
        ProcStat.stopped(HOME.vmPids(id).getFirst());
        assertThat(Row.of(id)).isEqualTo(new Row("paused", "yes", "yes", "yes", "suspended"));
        HOME.aegis("instance", "delete", "paused").ok();
        assertThat(Row.of(id)).isEqualTo(new Row("removed", "-", "no", "no", "no"));
    }

    @Test
    void delete() throws IOException {
        String id = running("deleted");
        HOME.aegis("instance", "delete", "deleted").ok();
        assertThat(Row.of(id)).isEqualTo(new Row("removed", "-", "no", "no", "no"));
        assertThat(HOME.directory().resolve("data/instances/" + id)).doesNotExist();
    }

    @Test
    void anEphemeralOneThatExits() throws IOException {
        try (Events events = Events.of(HOME)) {
            assertThat(HOME.aegis("run", "--name", "exits", "--", "echo", SAID)
                            .ok()
                            .stdout())
                    .isEqualTo(SAID + "\n");
            assertThat(Row.of(events.await("exits", "deleted").instanceId()))
                    .isEqualTo(new Row("removed", "-", "no", "no", "no"));
        }
    }

    @Test
    void anEphemeralOneThatIsInterrupted() throws IOException {
        try (Events events = Events.of(HOME)) {
            HomeFixture.Running run = HOME.start("run", "--name", "interrupted", "--", "sleep", "600");
            events.await("interrupted", "running");
            new ProcessBuilder("kill", "-INT", Long.toString(run.process().pid()))
                    .start()
                    .onExit()
                    .join();
            assertThat(run.await().exitCode()).isEqualTo(130);
            assertThat(Row.of(events.await("interrupted", "deleted").instanceId()))
                    .isEqualTo(new Row("removed", "-", "no", "no", "no"));
        }
    }

    @Test
    void pruneRemovesWhatHasBeenStoppedForLongAndNothingElse() throws IOException {
        String old = running("old");
        String busy = running("busy");
        HOME.aegis("instance", "stop", "old").ok();
        assertThat(HOME.aegis("instance", "prune", "--stopped-older-than", "1h")
                        .ok()
                        .stdout())
                .doesNotContain(old);
        assertThat(HOME.aegis("instance", "prune", "--stopped-older-than", "0s")
                        .ok()
                        .stdout())
                .contains("old (" + old + "): deleted")
                .doesNotContain(busy);
        assertThat(Row.of(old)).isEqualTo(new Row("removed", "-", "no", "no", "no"));
        assertThat(Row.of(busy)).isEqualTo(new Row("running", "yes", "yes", "yes", "runs"));
        HOME.aegis("instance", "delete", "busy").ok();
    }

    /** Every request that is not a start, for an instance of this daemon and for one that it recovered. */
    @Test
    void aDisabledInstanceIsStartedByNothingButAStart() throws IOException {
        String id = running("asleep");
        HOME.aegis("instance", "disable", "asleep").ok();
        refusesAllButAStart(id);
        HOME.aegis("down").ok();
        HOME.aegis("up").ok();
        assertThat(Row.of(id)).isEqualTo(new Row("stopped", "no", "yes", "yes", "no"));
        HOME.killDaemon();
        HOME.aegis("up").ok();
        assertThat(Row.of(id)).isEqualTo(new Row("stopped", "no", "yes", "yes", "no"));
        try (Events events = Events.of(HOME)) {
            refusesAllButAStart(id);
            HOME.aegis("instance", "start", "--name", "asleep").ok();
            events.await("asleep", "running");
            assertThat(events.statesOf("asleep")).containsExactly("starting", "running");
        }
        assertThat(Row.of(id)).isEqualTo(new Row("running", "yes", "yes", "yes", "runs"));
        await("what was logged before it was disabled, and after")
                .untilAsserted(() ->
                        assertThat(HOME.aegis("logs", "asleep").ok().stdout()).containsSubsequence(SAID, SAID));
        HOME.aegis("instance", "delete", "asleep").ok();
    }

    private static void refusesAllButAStart(String id) throws IOException {
        try (DaemonClient client = HOME.client()) {
            ExecRequest exec = ExecRequest.of(List.of("true"));
            assertRefused(
                    "disabled", () -> client.stream(Routes.EXEC.with(exec, id)).close());
            assertRefused("disabled", () -> client.call(Routes.EXEC.with(exec, id)));
            assertRefused("disabled", () -> client.call(Routes.PAUSE, id));
            assertRefused("disabled", () -> client.call(Routes.RESUME, id));
            assertRefused(
                    "disabled",
                    () -> client.lines(Routes.LOGS.to(id).query("follow", "true"))
                            .close());
            assertRefused(
                    "wrong_state", () -> client.stream(Routes.ATTACH.to(id)).close());
            client.call(Routes.STOP, id);
            client.call(Routes.DISABLE, id);
            client.call(Routes.GET, id);
        }
        assertThat(HOME.aegis("exec", "asleep", "--", "true").stderr()).contains("disabled");
        assertThat(HOME.aegis("shell", "asleep").exitCode()).isNotZero();
        assertThat(HOME.aegis("run", "--name", "asleep", "--", "true").stderr())
                .contains("instance 'asleep' is disabled");
        assertThat(Row.of(id)).isEqualTo(new Row("stopped", "no", "yes", "yes", "no"));
    }

    private static void assertRefused(String code, Call call) throws IOException {
        try {
            call.run();
        } catch (ApiException refusal) {
            assertThat(refusal.status()).as(refusal.getMessage()).isEqualTo(409);
            assertThat(refusal.error().code()).isEqualTo(code);
            return;
        }
        throw new AssertionError("was not refused, and should have been: " + code);
    }

    /** A request to the daemon. */
    @FunctionalInterface
    private interface Call {
        void run() throws IOException;
    }

    @Test
    void aRefusalNamesTheStateOrThatThereIsNoSuchInstance() throws IOException {
        running("up");
        HomeFixture.Result refused = HOME.aegis("instance", "start", "--name", "up", "--", "true");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("instance 'up' is running");
        HOME.aegis("instance", "resume", "up").ok();
        HOME.aegis("instance", "stop", "up").ok();
        for (String words : List.of("instance pause up", "instance resume up", "exec up -- true")) {
            assertThat(HOME.aegis(words.split(" ")).stderr()).as(words).contains("instance 'up' is stopped");
        }
        HOME.aegis("instance", "delete", "up").ok();
        for (String words : List.of("pause up", "resume up", "stop up", "disable up", "delete up", "info up")) {
            assertThat(HOME.aegis(("instance " + words).split(" ")).stderr())
                    .as(words)
                    .contains("there is no instance 'up'");
        }
    }

    private static void start(String name, String... command) {
        HOME.aegis(Stream.concat(Stream.of("instance", "start", "--name", name, "--"), Stream.of(command))
                        .toArray(String[]::new))
                .ok();
    }

    /** Starts an instance, and gives its id when its main process has spoken. */
    private static String running(String name) throws IOException {
        start(name, BUSY);
        try (DaemonClient client = HOME.client();
                JsonLines log = client.lines(Routes.LOGS.to(name).query("follow", "true"))) {
            String entry = "";
            while (!entry.contains(SAID)) {
                entry = new String(Objects.requireNonNull(log.next()), StandardCharsets.UTF_8);
            }
        }
        return view(name).id();
    }

    private static InstanceView view(String name) throws IOException {
        try (DaemonClient client = HOME.client()) {
            return client.call(Routes.GET, name);
        }
    }
}
