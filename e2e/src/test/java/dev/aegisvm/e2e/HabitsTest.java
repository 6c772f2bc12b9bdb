package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Commands as fingers type them, and exit codes as scripts believe them, on real VMs. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("the words of the command line")
class HabitsTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private static HomeFixture.Result aegis(String line) {
        return HOME.aegis(line.split(" ", -1));
    }

    private static InstanceView view(String name) throws IOException {
        try (DaemonClient client = HOME.client()) {
            return client.call(Routes.GET, name);
        }
    }

    @Test
    void aStartThatSucceedsHasStartedTheMainProcess() throws IOException {
        assertThat(aegis("start --name box -- sleep 600").ok().stdout()).matches("box \\(inst-\\S+\\): running\n");
        assertThat(view("box").state().wire()).isEqualTo("running");
        assertThat(aegis("ps").ok().stdout()).containsPattern("box +running +\\d+[sm] +aegis:base +- +sleep 600\n");
        HomeFixture.Result refused = aegis("rm box");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("is running", "aegis rm -f box");
        assertThat(aegis("rm -f box").ok().stdout()).isEqualTo("box: deleted\n");
        assertThat(HOME.vmPids()).isEmpty();
    }

    @Test
    void oneThatFailsSaysWhyWithTheExitCodeOfAShellAndLeavesNothing() throws IOException {
        HomeFixture.Result missing = aegis("instance start --name bad -- nosuch");
        assertThat(missing.exitCode()).isEqualTo(127);
        assertThat(missing.stderr()).contains("command not found: nosuch", "aegis:   | start failed: ");
        assertThat(aegis("start --name bad -- /etc/hostname").exitCode()).isEqualTo(126);
        assertThat(aegis("start --name bad -u nobody-there -- true").exitCode()).isNotZero();
        assertThat(aegis("inspect bad").stderr()).contains("there is no instance 'bad'");
        assertThat(aegis("ps -a -q").ok().stdout()).isEmpty();
    }

    @Test
    void waitExitsWithTheCodeOfTheMainProcess() throws Exception {
        aegis("start --name box -- sleep 600").ok();
        HomeFixture.Running waiting = HOME.start("wait", "box");
        assertThat(aegis("kill box").ok().stdout()).isEqualTo("box: killed\n");
        assertThat(waiting.await().exitCode()).isEqualTo(137);
        assertThat(aegis("ps -a").ok().stdout()).contains("stopped, exit 137");
        HOME.aegis("start", "box", "--", "sh", "-c", "exit 7").ok();
        assertThat(aegis("wait box").exitCode()).isEqualTo(7);
        aegis("start box -- sleep 600").ok();
        aegis("stop box").ok();
        HomeFixture.Result stopped = aegis("wait box");
        assertThat(stopped.exitCode()).isEqualTo(125);
        assertThat(stopped.stderr()).contains("box has no exit code: stop requested");
    }

    @Test
    void aSignalReachesTheMainProcess() {
        String main = "trap 'exit 3' USR1; echo ready; while :; do sleep 1; done";
        HOME.aegis("start", "--name", "box", "--", "sh", "-c", main).ok();
        await().until(() -> aegis("logs box").stdout().contains("ready"));
        assertThat(aegis("kill -s USR1 box").ok().stdout()).isEqualTo("box: signalled\n");
        assertThat(aegis("wait box").exitCode()).isEqualTo(3);
        assertThat(aegis("exec bx -- true").stderr()).contains("there is no instance 'bx'", "did you mean 'box'?");
    }

    @Test
    void whatIsGivenForAStoppedOneIsApplied() {
        aegis("start --name box -e A=1 -- sleep 600").ok();
        aegis("stop box").ok();
        aegis("start box -e A=2 -w /srv -u nobody -m 256m --label team=a -- sleep 601")
                .ok();
        assertThat(HOME.aegis("exec", "box", "--", "sh", "-c", "echo $A; pwd; id -un")
                        .ok()
                        .stdout())
                .isEqualTo("2\n/srv\nnobody\n");
        assertThat(aegis("exec -u root -w / box -- pwd").ok().stdout()).isEqualTo("/\n");
        assertThat(aegis("inspect box").ok().stdout()).contains("\"memory_mb\":256", "\"sleep\",\"601\"");
        assertThat(aegis("ps -q --filter label=team=a").ok().stdout()).isEqualTo("box\n");
        assertThat(aegis("ps -q --filter label=team=b").ok().stdout()).isEmpty();
        HomeFixture.Result running = aegis("start box -e A=3");
        assertThat(running.exitCode()).isEqualTo(1);
        assertThat(running.stderr()).contains("is running");
        aegis("stop box").ok();
        assertThat(aegis("start box --disk 1G").stderr()).contains("the disk size of instance 'box' cannot be changed");
        aegis("rename box other").ok();
        aegis("restart other").ok();
        assertThat(aegis("exec other -- hostname").ok().stdout()).isEqualTo("other\n");
    }

    @Test
    void aTimeToLiveAndATimeForTheMainProcess() throws IOException {
        aegis("run -d --name short --ttl 15s -- sleep 600").ok();
        assertThat(view("short").expiresAt()).isNotNull();
        await().until(() -> aegis("ps -a -q").stdout().isEmpty());
        HomeFixture.Result run = aegis("run --timeout 1s -- sleep 600");
        assertThat(run.exitCode()).isEqualTo(124);
        assertThat(run.stderr()).contains("--timeout has passed");
    }

    @Test
    void aDetachedRunThatShallNotStayGoesWithItsMainProcess() throws IOException {
        assertThat(aegis("run -d --rm --name gone -- sleep 600").ok().stdout()).isEqualTo("gone\n");
        try (Events events = HOME.events()) {
            aegis("kill gone").ok();
            events.await("gone", "deleted");
        }
        aegis("run -d --rm --name gone -- sleep 600").ok();
        HOME.killDaemon();
        HOME.aegis("up").ok();
        assertThat(aegis("ps -a -q").ok().stdout()).isEmpty();
    }
}
