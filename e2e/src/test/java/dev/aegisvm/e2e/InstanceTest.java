package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Named instances: start, exec, logs, delete, and what a restart of the daemon does to them. */
@Tag("vm")
class InstanceTest {
    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    @Test
    void startExecLogsAndDelete() {
        home.aegis("instance", "start", "--name", "box", "--", "sh", "-c", "echo from main; sleep 600")
                .ok();
        assertThat(home.aegis("exec", "box", "--", "cat", "/etc/os-release")
                        .ok()
                        .stdout())
                .contains("Debian");
        assertThat(home.aegis("exec", "box", "--", "sh", "-c", "exit 7").exitCode())
                .isEqualTo(7);
        assertThat(home.aegis("instance", "list").ok().stdout()).contains("box").contains("running");
        assertThat(home.aegis("instance", "info", "box", "--json").ok().stdout())
                .contains("\"state\":\"running\"");
        assertThat(home.aegis("logs", "box").ok().stdout()).contains("from main");
        HomeFixture.Result again = home.aegis("instance", "start", "--name", "box", "--", "true");
        assertThat(again.exitCode()).isNotZero();
        assertThat(again.stderr()).contains("running");
        home.aegis("instance", "delete", "box").ok();
        assertThat(home.vmPids()).isEmpty();
        assertThat(home.aegis("exec", "box", "--", "true").exitCode()).isEqualTo(125);
    }

    @Test
    void logsFollowUntilTheEnd() {
        home.aegis(
                        "instance",
                        "start",
                        "--name",
                        "box",
                        "--",
                        "sh",
                        "-c",
                        "for i in 1 2 3; do echo line $i; sleep 1; done")
                .ok();
        HomeFixture.Running follow = home.start("logs", "box", "-f");
        await().until(() -> follow.soFar().contains("line 3"));
        follow.process().destroy();
        assertThat(follow.soFar().lines().filter(line -> line.contains("line")).count())
                .isEqualTo(3);
        await().until(() -> home.aegis("logs", "box").stdout().contains("process exited (code=0)")
                || home.aegis("logs", "box").stderr().contains("process exited (code=0)"));
    }

    @Test
    void execsRunAtOnceAndSurviveOneAnother() {
        home.aegis("instance", "start", "--name", "box", "--", "sleep", "600").ok();
        List<HomeFixture.Running> all = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> home.start("exec", "box", "--", "sh", "-c", "sleep 1; echo " + i + "; exit " + i))
                .toList();
        for (int i = 0; i < all.size(); i++) {
            HomeFixture.Result result = all.get(i).await();
            assertThat(result.stdout()).isEqualTo(i + "\n");
            assertThat(result.exitCode()).isEqualTo(i);
        }
    }

    @Test
    void aDaemonKilledByForceLeavesNothingBehind() throws IOException {
        home.startBox();
        long daemon = home.daemonPid();
        assertThat(home.vmPids()).hasSize(1);
        ProcessHandle.of(daemon).orElseThrow().destroyForcibly();
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        !ProcessHandle.of(daemon).map(ProcessHandle::isAlive).orElse(false));
        home.aegis("up").ok();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(home.vmPids()).isEmpty());
        assertThat(home.aegis("instance", "info", "box", "--json").ok().stdout())
                .contains("\"state\":\"stopped\"");
    }

    @Test
    void aSecondDaemonOnTheSameHomeRefuses() throws IOException {
        home.aegis("up").ok();
        String pid =
                Files.readString(home.directory().resolve("data/aegisd.pid")).trim();
        HomeFixture.Result second = home.startProgram("aegisd").await();
        assertThat(second.exitCode()).isNotZero();
        assertThat(second.stderr()).contains(pid);
        home.aegis("status").ok();
    }

    /** Each uses its five seconds of grace; one after the other would take too long. */
    @Test
    void sigtermEndsAllVmsAtTheSameTimeHoweverTheirProcessesTakeIt() throws IOException {
        List<String> names = List.of("a", "b", "c", "d", "e");
        String stubborn = "trap '' TERM; echo ready; while :; do sleep 1; done";
        for (String name : names) {
            home.aegis("instance", "start", "--name", name, "--", "sh", "-c", stubborn)
                    .ok();
        }
        for (String name : names) {
            await().until(() -> home.aegis("logs", name).stdout().contains("ready"));
        }
        String pid =
                Files.readString(home.directory().resolve("data/aegisd.pid")).trim();
        ProcessHandle daemon = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        assertThat(daemon.destroy()).isTrue();
        daemon.onExit().orTimeout(60, java.util.concurrent.TimeUnit.SECONDS).join();
        assertThat(home.processes()).isEmpty();
        assertThat(home.directory().resolve("data/aegisd.pid")).doesNotExist();
        assertThat(Files.readString(home.directory().resolve("data/aegisd.log")))
                .contains("stopping 5 VMs, within at most 25 s")
                .containsPattern("5 VMs stopped after \\d+ ms");
    }

    @Test
    void downReturnsAlsoWhenNobodyReapsTheDaemon() throws IOException {
        Path script = home.directory().resolve("no-init.sh");
        // As in a container whose PID 1 reaps nothing: the daemon stays a zombie.
        Files.writeString(script, "\"$0\"d & exec sleep 600\n");
        HomeFixture.Running container = home.startShell(script);
        Path pidFile = home.directory().resolve("data/aegisd.pid");
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(pidFile) && Files.size(pidFile) > 0);
        Path daemon = Path.of("/proc", Files.readString(pidFile).trim(), "status");
        try {
            assertThat(home.aegis("down").ok().stdout()).isEqualTo("aegisd: stopped\n");
            assertThat(Files.readString(daemon)).contains("State:\tZ");
        } finally {
            container.process().destroyForcibly();
            container.await();
        }
    }

    @Test
    void theFirstCommandLeavesATemplateAndADamagedOneIsReplaced() throws IOException {
        Path cache = home.ownCache();
        assertThat(home.aegis("run", "--", "echo", "first").ok().stdout()).isEqualTo("first\n");
        assertThat(templates(cache)).isOne();
        assertThat(home.aegis("run", "--", "echo", "restored").ok().stdout()).isEqualTo("restored\n");
        // Truncated: noticed, thrown away, and the run works all the same.
        Path machine = mountedMachine(cache);
        assertThat(machine.toFile().setWritable(true)).isTrue();
        Files.writeString(machine, "nonsense");
        assertThat(home.aegis("run", "--", "echo", "again").ok().stdout()).isEqualTo("again\n");
        assertThat(Files.readString(home.directory().resolve("data/aegisd.log")))
                .contains("template: deleting ", ": its files should be ");
        assertThat(templates(cache)).isOne();
    }

    private static Path mountedMachine(Path cache) throws IOException {
        try (var files = Files.walk(cache.resolve("templates"))) {
            return files.filter(file -> file.endsWith("mounted/machine"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static long templates(Path cache) throws IOException {
        Path directory = cache.resolve("templates");
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (var entries = Files.list(directory)) {
            return entries.filter(entry -> entry.getFileName().toString().matches("[0-9a-f]{24}"))
                    .count();
        }
    }
}
