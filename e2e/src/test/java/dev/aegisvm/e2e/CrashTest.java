package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The daemon is killed in the middle of each operation, at several moments. The next one finds every
 * instance that stays, stopped and with its data, and nothing else.
 */
@Tag("vm")
@Tag("stress")
class CrashTest {
    /** How often it is killed in each phase. */
    private static final int TIMES = Integer.getInteger("aegis.crashes", 3);

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();
    /** Needs a second to end when it is asked to. */
    private static final String MAIN = "trap : TERM; sleep 600 & wait; sleep 1";

    /** The files of a home without instances. */
    private static Inventory empty;

    /** A phase of an instance's life. */
    enum Phase {
        CREATING("fresh", "starting", 400),
        STARTING("box", "starting", 400),
        RUNNING("box", "running", 50),
        RUNNING_FOR_A_CLIENT("fresh", "running", 50),
        PAUSED("box", "paused", 50),
        STOPPING("box", "stopping", 1000),
        DELETING("box", "deleting", 30),
        PRUNING("old", "deleting", 60);

        private final String instance;
        private final String state;
        private final long millis;

        /**
         * A phase.
         *
         * @param instance the beginning of the name of the instance in whose life it is
         * @param state the state with which it begins
         * @param millis how long it usually takes
         */
        Phase(String instance, String state, long millis) {
            this.instance = instance;
            this.state = state;
            this.millis = millis;
        }
    }

    @BeforeAll
    static void takeInventory() throws IOException {
        empty = Inventory.of(HOME);
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLostAndNothingIsLeft(Phase phase) throws IOException {
        for (int round = 0; round < TIMES; round++) {
            String data = phase + " " + round;
            boolean done = crash(phase, round, data);
            HOME.aegis("up").ok();
            Map<String, InstanceView> found = whatIsThere();
            assertNothingIsLeft(found);
            assertAllAreThere(phase, done, found);
            readAndTidyUp(found, data);
        }
        HOME.aegis("instance", "delete", "box");
    }

    /** Kills the daemon, each time a bit later in the phase; tells whether it had said that it was done. */
    private static boolean crash(Phase phase, int round, String data) throws IOException {
        startBox();
        HOME.aegis("exec", "box", "--", "sh", "-c", "echo " + data + " > /root/f && sync /root/f")
                .ok();
        HomeFixture.Running request;
        try (Events events = Events.of(HOME)) {
            request = begin(phase, events);
            events.await(
                    phase.toString(),
                    event -> event.to().equals(phase.state) && isOf(phase, Objects.requireNonNull(event.handle())));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(phase.millis * round / TIMES));
            HOME.killDaemon();
        }
        return request.await().exitCode() == 0;
    }

    private static HomeFixture.Running begin(Phase phase, Events events) {
        return switch (phase) {
            case CREATING -> HOME.start("instance", "start", "--name", "fresh", "--", "sleep", "600");
            case STARTING, RUNNING -> {
                HOME.aegis("instance", "stop", "box").ok();
                yield HOME.start("instance", "start", "--name", "box");
            }
            case RUNNING_FOR_A_CLIENT -> HOME.start("run", "--name", "fresh", "--", "sleep", "600");
            case PAUSED -> HOME.start("instance", "pause", "box");
            case STOPPING -> HOME.start("instance", "stop", "box");
            case DELETING -> HOME.start("instance", "delete", "box");
            case PRUNING -> {
                for (String name : List.of("old-1", "old-2", "old-3")) {
                    HOME.aegis("instance", "start", "--name", name, "--", "true")
                            .ok();
                    events.await(name, "stopped");
                }
                yield HOME.start("instance", "prune", "--stopped-older-than", "0s");
            }
        };
    }

    private static boolean isOf(Phase phase, String name) {
        return name.startsWith(phase.instance);
    }

    private static Map<String, InstanceView> whatIsThere() throws IOException {
        try (DaemonClient client = HOME.client()) {
            return client.call(Routes.LIST).stream()
                    .collect(Collectors.toMap(InstanceView::handle, Function.identity()));
        }
    }

    /** No process of the old daemon, and of files the disks and logs of the instances that are there. */
    private static void assertNothingIsLeft(Map<String, InstanceView> found) throws IOException {
        Inventory now = Inventory.of(HOME);
        assertThat(now.processes()).isEmpty();
        assertThat(now.ports()).isEmpty();
        assertThat(now.filesSince(empty))
                .as("files of %s", found.keySet())
                .allMatch(file -> found.values().stream()
                        .map(InstanceView::id)
                        .anyMatch(id -> file.equals("data/instances/" + id + "/disk.raw")
                                || file.equals("data/logs/" + id + ".ndjson")));
    }

    private static void assertAllAreThere(Phase phase, boolean done, Map<String, InstanceView> found) {
        assertThat(found.values()).allSatisfy(instance -> {
            assertThat(instance.state().wire()).isEqualTo("stopped");
            assertThat(instance.enabled()).isTrue();
            assertThat(instance.reason()).isNotBlank();
            assertThat(instance.stoppedAt()).isNotNull();
        });
        switch (phase) {
            case CREATING -> {
                if (done) {
                    assertThat(found).containsKeys("box", "fresh");
                }
            }
            case DELETING, PRUNING -> {
                if (done) {
                    assertThat(found.keySet()).noneMatch(name -> isOf(phase, name));
                }
            }
            case STARTING, RUNNING, PAUSED, STOPPING -> assertThat(found).containsOnlyKeys("box");
            case RUNNING_FOR_A_CLIENT ->
                assertThat(found).as("what only lived for its client").containsOnlyKeys("box");
        }
        if (phase != Phase.DELETING) {
            assertThat(found).containsKey("box");
        }
    }

    private static void readAndTidyUp(Map<String, InstanceView> found, String data) throws IOException {
        for (Map.Entry<String, InstanceView> instance : found.entrySet()) {
            if (instance.getKey().equals("box")) {
                startBox();
                assertThat(HOME.aegis("exec", "box", "--", "cat", "/root/f")
                                .ok()
                                .stdout())
                        .isEqualTo(data + "\n");
            } else {
                assertStarts(instance.getKey());
                HOME.aegis("instance", "delete", instance.getKey()).ok();
            }
        }
    }

    private static void startBox() {
        HomeFixture.Result start = HOME.aegis("instance", "start", "--name", "box", "--", "sh", "-c", MAIN);
        assertThat(start.exitCode() == 0 || start.stderr().contains("is running"))
                .as(start.stderr())
                .isTrue();
    }

    private static void assertStarts(String name) throws IOException {
        try (Events events = Events.of(HOME)) {
            HOME.aegis("instance", "start", "--name", name).ok();
            events.await(name, "running");
        }
    }
}
