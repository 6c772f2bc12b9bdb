package dev.aegisvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.AegisHome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonLauncherTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private AegisHome home() {
        return AegisHome.of(Map.of("AEGIS_HOME", directory.resolve("home").toString()));
    }

    private Path program(String script) throws IOException {
        Path program = directory.resolve("aegisd");
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private Path sham() throws IOException {
        return program("exec '" + System.getProperty("java.home") + "/bin/java' -cp '"
                + System.getProperty("java.class.path") + "' " + ShamDaemon.class.getName());
    }

    private long pid() throws IOException {
        return Long.parseLong(Files.readString(home().pidFile()));
    }

    @AfterEach
    void endTheDaemon() throws IOException {
        if (Files.exists(home().pidFile())) {
            ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void theDaemonHasASessionAndALogOfItsOwn() throws Exception {
        assertThat(new DaemonLauncher(home(), sham(), LONG).launch()).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home().root())))
                .isEqualTo("rwx------");
        assertThat(Files.readString(home().daemonLog())).contains("sham daemon says hello");
        await().until(() -> Files.exists(home().pidFile())
                && !Files.readString(home().pidFile()).isEmpty());
        Path proc = Path.of("/proc", Long.toString(pid()));
        List<String> stat = List.of(Files.readString(proc.resolve("stat")).split(" "));
        assertThat(stat.get(5)).as("session").isEqualTo(stat.getFirst());
        assertThat(Files.readSymbolicLink(proc.resolve("fd/0"))).isEqualTo(Path.of("/dev/null"));
        assertThat(Files.readSymbolicLink(proc.resolve("fd/2")))
                .isEqualTo(home().daemonLog().toRealPath());
        assertThat(new DaemonLauncher(home(), sham(), LONG).launch())
                .as("one runs")
                .isFalse();
    }

    /** What trains a start-up cache rehearses a start; if that made the package ready, it might train, and so on. */
    @ParameterizedTest
    @CsvSource({"false, true", "true, false"})
    void aPackageIsMadeReadyButByNoRehearsal(String rehearsal, boolean ready) throws Exception {
        Path script = Files.createDirectories(directory.resolve("scripts")).resolve("make-ready");
        Files.move(program("mkdir -p $AEGIS_HOME && : >$AEGIS_HOME/ready"), script);
        Map<String, String> properties = Map.of(
                "aegis.rehearsal",
                rehearsal,
                "aegis.bin",
                directory.resolve("bin").toString());
        Properties before = (Properties) System.getProperties().clone();
        System.getProperties().putAll(properties);
        try {
            assertThat(new DaemonLauncher(home(), sham(), LONG).launch()).isTrue();
        } finally {
            System.setProperties(before);
        }
        assertThat(Files.exists(home().root().resolve("ready"))).isEqualTo(ready);
    }

    @Test
    void oneThatDoesNotAnswerYetIsGivenUpAndOneThatDoesIsNot() throws Exception {
        DaemonLauncher slow = new DaemonLauncher(
                home(), program("mkdir -p $AEGIS_HOME/data; echo $$ >$AEGIS_HOME/data/begun; exec sleep 600"), LONG);
        FutureTask<Boolean> launch = new FutureTask<>(slow::launch);
        Thread.ofVirtual().start(launch);
        Path begun = home().data().resolve("begun");
        await().until(() -> Files.exists(begun) && !Files.readString(begun).isEmpty());
        assertThat(slow.giveUp()).isTrue();
        assertThat(ProcessHandle.of(Long.parseLong(Files.readString(begun).strip())))
                .isEmpty();
        assertThatThrownBy(launch::get).hasRootCauseInstanceOf(DaemonException.class);
        assertThatThrownBy(slow::launch).hasMessageContaining("interrupted before");

        DaemonLauncher done = new DaemonLauncher(home(), sham(), LONG);
        assertThat(done.launch()).isTrue();
        assertThat(done.giveUp()).isFalse();
        assertThat(ProcessHandle.of(pid()).orElseThrow().isAlive()).isTrue();
    }

    @Test
    void clientsThatStartAtOnceStartOneDaemon() throws Exception {
        Path sham = sham();
        Callable<Boolean> launch = () -> new DaemonLauncher(home(), sham, LONG).launch();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> launched = clients.invokeAll(List.of(launch, launch, launch));
            assertThat(launched).extracting(Future::get).containsOnlyOnce(true);
        }
    }

    /** As systemd does: its daemon has the lock of the home, and does not answer yet. */
    @Test
    void oneThatAnotherProgramHasJustStartedIsWaitedFor() throws Exception {
        Path other = Files.move(sham(), directory.resolve("other"));
        String late = "printf %s $$ >$AEGIS_HOME/data/aegisd.lock; tail --pid=$0 -f /dev/null; exec " + other;
        Path refused = program("setsid sh -c '" + late + "' $$ &"
                + " until [ -s $AEGIS_HOME/data/aegisd.lock ]; do sleep 0.1; done; exit 1");
        new DaemonLauncher(home(), refused, LONG).launch();
        assertThat(ProcessHandle.of(pid()).orElseThrow().isAlive()).isTrue();
    }

    /** As the kernel does for a moment with what was killed: the connection is taken, and then reset. */
    @Test
    void oneThatIsDyingIsNotTakenForAlive() throws Exception {
        Files.createDirectories(home().data());
        ServerSocketChannel dying = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dying.bind(UnixDomainSocketAddress.of(home().socket()));
        Thread.ofVirtual().start(() -> {
            try (dying;
                    SocketChannel _ = dying.accept()) {
                Files.delete(home().socket());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
        assertThat(new DaemonLauncher(home(), sham(), LONG).launch()).isTrue();
    }

    @Test
    void aDaemonThatEndsIsReportedAtOnceWithWhatItSaid() throws IOException {
        Files.createDirectories(home().data());
        Files.writeString(home().daemonLog(), "of an earlier run\n");
        DaemonLauncher launcher =
                new DaemonLauncher(home(), program("echo 'config.toml: unknown key colour' >&2; exit 7"), LONG);
        assertThatThrownBy(launcher::launch)
                .isInstanceOf(DaemonException.class)
                .hasMessageContaining("exit code 7")
                .hasMessageContaining("    config.toml: unknown key colour")
                .hasMessageContaining("aegisd.log")
                .hasMessageNotContaining("earlier");
    }

    @Test
    void aHomeThatCannotBeMadeIsNamedWithTheReason() throws IOException {
        Files.writeString(home().root(), "a file");
        DaemonLauncher launcher = new DaemonLauncher(home(), program("exit 0"), LONG);
        assertThatThrownBy(launcher::launch)
                .isInstanceOf(DaemonException.class)
                .hasMessageStartingWith("cannot use the home directory " + home().root() + ": ")
                .hasMessageContaining("irectory (AEGIS_HOME sets another one)");
    }

    @Test
    void aDaemonThatDoesNotAnswerIsReportedInTime() throws IOException {
        DaemonLauncher launcher = new DaemonLauncher(
                home(), program("echo $$ >$AEGIS_HOME/data/aegisd.pid; exec sleep 600"), Duration.ofSeconds(1));
        assertThatThrownBy(launcher::launch)
                .isInstanceOf(DaemonException.class)
                .hasMessageContaining("does not answer after 1 s");
        Files.writeString(home().pidFile(), Files.readString(home().pidFile()).strip());
    }

    @Test
    void namesAMissingProgram() {
        assertThatThrownBy(() -> new DaemonLauncher(home(), directory.resolve("none"), LONG).launch())
                .isInstanceOf(DaemonException.class)
                .hasMessageContaining("make all");
    }
}
