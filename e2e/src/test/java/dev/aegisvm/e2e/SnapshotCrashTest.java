package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The daemon is killed in the middle of what is done with snapshots: what there was is there, whole, and nothing else. */
@Tag("vm")
@Tag("check-all")
@Tag("stress")
class SnapshotCrashTest {
    /** How often it is killed in each operation, later each time. */
    private static final int TIMES = Integer.getInteger("aegis.crashes", 3);

    private static final int SECONDS = 60;

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    /** Something that changes the directory of the snapshots when it begins. */
    enum Operation {
        SNAPSHOT(600, "snapshot create box new"),
        DISK_ONLY(200, "snapshot create box new --disk-only"),
        FORK(1200, "fork box --name new --count 2"),
        REWIND(1500, "rewind box first"),
        DELETE(30, "snapshot delete first");

        private final long millis;
        private final String words;

        /** @param millis how long it usually takes from then on */
        Operation(long millis, String words) {
            this.millis = millis;
            this.words = words;
        }
    }

    private static List<String> lines(String... words) {
        return HOME.aegis(words).ok().stdout().lines().toList();
    }

    private static List<String> names(String directory) throws IOException {
        try (Stream<Path> all = Files.list(HOME.directory().resolve("data").resolve(directory))) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    private static void assertHas(String instance, String data) {
        assertThat(lines("exec", instance, "--", "cat", "/root/f")).containsExactly(data);
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLostAndNothingIsLeft(Operation operation) throws Exception {
        for (int round = 0; round < TIMES; round++) {
            String data = operation + " " + round;
            HOME.aegis("instance", "start", "--name", "box", "--", "sleep", "600")
                    .ok();
            HOME.aegis("exec", "box", "--", "sh", "-c", "echo " + data + " > /root/f; sync")
                    .ok();
            HOME.aegis("snapshot", "create", "box", "first").ok();
            boolean done = crash(operation, operation.millis * round / TIMES);
            HOME.aegis("up").ok();

            List<String> kept = lines("snapshot", "list", "-q");
            List<String> instances = lines("ps", "-a", "-q");
            assertThat(names("snapshots")).hasSameSizeAs(kept);
            assertThat(names("instances")).hasSameSizeAs(instances);
            assertThat(instances).contains("box");
            if (operation == Operation.SNAPSHOT || operation == Operation.DISK_ONLY) {
                assertThat(kept.contains("new") || !done).isTrue();
            }
            if (operation != Operation.DELETE) {
                assertThat(kept).contains("first");
            }
            HOME.aegis("instance", "start", "--name", "box").ok();
            assertHas("box", data);
            for (String each : kept) {
                HOME.aegis("fork", each, "--name", "of-" + each).ok();
                assertHas("of-" + each, data);
            }
            lines("ps", "-a", "-q").forEach(name -> HOME.aegis("rm", "-f", name).ok());
            kept.forEach(name -> HOME.aegis("snapshot", "delete", name).ok());
            assertThat(names("snapshots")).isEmpty();
            assertThat(names("instances")).isEmpty();
        }
    }

    /** Kills the daemon this time after the operation has begun; tells whether it had said that it was done. */
    private static boolean crash(Operation operation, long millis) throws IOException, InterruptedException {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            HOME.directory()
                    .resolve("data/snapshots")
                    .register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
            HomeFixture.Running request = HOME.start(operation.words.split(" ", -1));
            assertThat(watch.poll(SECONDS, TimeUnit.SECONDS)).isNotNull();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
            HOME.killDaemon();
            return request.await().exitCode() == 0;
        }
    }
}
