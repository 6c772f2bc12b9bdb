package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A paused VM uses no CPU, goes on where it was, and has the right time afterwards. */
@Tag("vm")
@Tag("kernel")
class PauseTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private static final String BOX = "box";

    /** A main process that would use all the CPU it gets. */
    private static final String[] SPIN = {"instance", "start", "--name", BOX, "--", "sh", "-c", "while :; do :; done"};

    private Events events;
    private String id;

    @BeforeEach
    void start() throws IOException {
        events = HOME.events();
        HOME.aegis(SPIN).ok();
        id = events.await(BOX, "running").instanceId();
    }

    @Test
    void aPausedVmIsAStoppedProcessThatUsesNoCpu() throws IOException {
        long vm = HOME.vmPids(id).getFirst();
        long before = ProcStat.of(vm).cpuTicks();
        await("a guest that spins").until(() -> ProcStat.of(vm).cpuTicks() > before + 20);
        HOME.aegis("instance", "pause", BOX).ok();
        ProcStat paused = ProcStat.stopped(vm);
        await().during(Duration.ofSeconds(2)).until(() -> ProcStat.of(vm).equals(paused));
        HOME.aegis("instance", "resume", BOX).ok();
        await("a guest that spins again").until(() -> ProcStat.of(vm).cpuTicks() > paused.cpuTicks() + 20);
        assertThat(HOME.vmPids(id)).containsExactly(vm);
    }

    /** The guest's clock is set wrong before the pause, so that it is right afterwards only if it was set. */
    @Test
    void execResumesAndFindsTheRightTime() {
        HOME.aegis("exec", BOX, "--", "date", "-s", "2001-02-03").ok();
        HOME.aegis("instance", "pause", BOX).ok();
        Instant before = Instant.now();
        Instant guest = Instant.ofEpochMilli(Long.parseLong(
                HOME.aegis("exec", BOX, "--", "date", "+%s%3N").ok().stdout().trim()));
        assertThat(guest).isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
        assertThat(HOME.aegis("instance", "info", BOX).ok().stdout()).containsPattern("state: +running");
    }

    @Test
    void whatRanGoesOnWithItsMemory() {
        HomeFixture.Running counting =
                HOME.start("exec", BOX, "--", "sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done");
        await().until(() -> counting.soFar().contains("3\n"));
        HOME.aegis("instance", "pause", BOX).ok();
        List<String> paused = counting.soFar().lines().toList();
        HOME.aegis("instance", "resume", BOX).ok();
        await().until(() -> counting.soFar().lines().count() > paused.size() + 3);
        assertThat(counting.soFar().lines().toList())
                .startsWith(paused.toArray(String[]::new))
                .containsSequence(String.valueOf(paused.size()), String.valueOf(paused.size() + 1));
        counting.process().destroy();
        counting.await();
    }

    @Test
    void pausingTwiceAndResumingTwiceSucceedsAndChangesNothing() throws IOException {
        try (DaemonClient client = HOME.client()) {
            client.call(Routes.PAUSE, BOX);
            client.call(Routes.PAUSE, BOX);
            assertThat(client.call(Routes.GET, BOX).state().wire()).isEqualTo("paused");
            ProcStat.stopped(HOME.vmPids(id).getFirst());
            client.call(Routes.RESUME, BOX);
            client.call(Routes.RESUME, BOX);
            assertThat(client.call(Routes.GET, BOX).state().wire()).isEqualTo("running");
        }
        HOME.aegis("exec", BOX, "--", "true").ok();
    }

    @Test
    void aPausedVmCanBeStopped() throws IOException {
        HOME.aegis("exec", BOX, "--", "sh", "-c", "echo kept > /root/f").ok();
        HOME.aegis("instance", "pause", BOX).ok();
        HOME.aegis("instance", "stop", BOX).ok();
        assertThat(HOME.vmPids()).isEmpty();
        HOME.aegis("instance", "start", "--name", BOX).ok();
        assertThat(HOME.aegis("exec", BOX, "--", "cat", "/root/f").ok().stdout())
                .isEqualTo("kept\n");
    }

    @Test
    void deletingWhilePausing() throws IOException {
        CompletableFuture<Void> pause;
        try (DaemonClient client = connected()) {
            pause = pauseThatTakesItsTime();
            client.call(Routes.DELETE, BOX);
        }
        events.await(id, "deleted");
        assertThat(events.statesOf(id)).endsWith("pausing", "deleting", "deleted");
        assertThatThrownBy(pause::join)
                .hasCauseInstanceOf(ApiException.class)
                .hasMessageContaining("instance 'box' was deleted");
        assertThat(HOME.vmPids(id)).isEmpty();
        assertThat(HOME.directory().resolve("data/instances/" + id)).doesNotExist();
    }

    @Test
    void whatIsUsedWhilePausingIsResumedAtOnce() throws IOException {
        CompletableFuture<Void> pause;
        try (DaemonClient client = connected()) {
            pause = pauseThatTakesItsTime();
            client.call(Routes.RESUME, BOX);
        }
        events.await(id, "running");
        assertThat(events.statesOf(id)).endsWith("pausing", "resuming", "running");
        assertThatThrownBy(pause::join).hasCauseInstanceOf(ApiException.class);
        HOME.aegis("exec", BOX, "--", "true").ok();
    }

    /** Has spoken with the daemon, so that its next request is there at once. */
    private DaemonClient connected() throws IOException {
        DaemonClient client = HOME.client();
        client.call(Routes.GET, BOX);
        return client;
    }

    /** Before it is stopped, a guest is asked to sync, and has half a second for it; this one hangs. */
    private CompletableFuture<Void> pauseThatTakesItsTime() throws IOException {
        new ProcessBuilder("kill", "-STOP", HOME.vmPids(id).getFirst().toString())
                .start()
                .onExit()
                .join();
        CompletableFuture<Void> pause = inBackground(client -> client.call(Routes.PAUSE, BOX));
        events.await(id, "pausing");
        return pause;
    }

    @Test
    void stoppingWhileStarting() throws IOException {
        HOME.aegis("instance", "stop", BOX).ok();
        events.await(id, "stopped");
        HomeFixture.Running start;
        CompletableFuture<Void> exec;
        try (DaemonClient client = connected()) {
            start = HOME.start("instance", "start", "--name", BOX);
            events.await(id, "starting");
            exec = inBackground(waits -> waits.stream(Routes.EXEC.with(ExecRequest.of(List.of("true")), BOX))
                    .close());
            client.call(Routes.STOP, BOX);
            InstanceView stopped = client.call(Routes.GET, BOX);
            assertThat(stopped.state().wire()).isEqualTo("stopped");
            assertThat(stopped.enabled()).isTrue();
            assertThat(stopped.reason()).isEqualTo("stopped while it started");
        }
        assertThat(start.await().exitCode()).isEqualTo(125);
        assertThat(start.await().stderr()).contains("stopped while it started");
        events.await(id, "stopped");
        assertThat(events.statesOf(id)).contains("aborting").containsOnlyOnce("running");
        assertThatThrownBy(exec::join).as("waited for the start").hasCauseInstanceOf(ApiException.class);
        assertThat(HOME.vmPids()).isEmpty();
        HOME.aegis("instance", "start", "--name", BOX).ok();
        HOME.aegis("exec", BOX, "--", "true").ok();
    }

    /** Sends a request on a new connection. */
    private static CompletableFuture<Void> inBackground(Request request) {
        return CompletableFuture.runAsync(() -> {
            try (DaemonClient client = HOME.client()) {
                request.to(client);
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        });
    }

    /** A request to the daemon. */
    @FunctionalInterface
    private interface Request {
        void to(DaemonClient client) throws IOException;
    }
}
