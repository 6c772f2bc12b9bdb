package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.boot.Admission;
import dev.aegisvm.daemon.home.Config;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.registry.Database;
import dev.aegisvm.daemon.registry.InstanceRows;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.fake.Companion;
import dev.aegisvm.vmm.fake.FakeVmm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a daemon finds when the one before it was killed. */
class RecoveryTest {
    @TempDir
    Path directory;

    private Home home;

    @BeforeEach
    void prepare() throws Exception {
        home = Home.of(Map.of("AEGIS_HOME", directory.resolve("home").toString()), PrivateDirectory.ourUid(), false);
        PrivateDirectory.ensure(home.root());
        PrivateDirectory.ensure(home.data());
        PrivateDirectory.ensure(home.scratch());
        PrivateDirectory.ensure(home.logs());
        PrivateDirectory.ensure(home.instances());
    }

    private static InstanceSpec spec(String id, boolean ephemeral) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return InstanceSpec.of(id, new Size(512, 1, 64))
                .handle(ephemeral ? Optional.empty() : Optional.of("box"))
                .environment(Environment.NONE
                        .withCommand(List.of("a", "b c", "\"d\""))
                        .withEnv(Map.of("A", "1=2")))
                .secrets(new InstanceSecrets(List.of("KEY"), List.of()))
                .life(ephemeral ? new Life.OfClient(Optional.empty(), Optional.empty()) : Life.Stays.FOREVER)
                .createdAt(now)
                .build();
    }

    private Daemon start() throws HomeException {
        return Daemon.open(
                home,
                Config.defaults(),
                new FakeVmm(),
                new Daemon.Host(
                        new Admission(OptionalLong::empty, OptionalLong.empty()),
                        DaemonHarness.JAIL,
                        new SmallWorld().world(home)));
    }

    private Path disk(String id) throws Exception {
        Files.createDirectories(home.instance(id));
        return Files.writeString(home.instance(id).resolve("disk.raw"), "data");
    }

    @Test
    void aVmThatStillRunsIsEndedAndItsInstanceIsStopped() throws Exception {
        Process vm = new ProcessBuilder("sleep", "600").start();
        Process innocent = new ProcessBuilder("sleep", "600").start();
        ProcessIdentity recycled = new ProcessIdentity(
                innocent.pid(), 1, ProcessIdentity.of(innocent.pid()).bootId());
        try (Database database = Database.open(home.registry(), home.scratch())) {
            InstanceRows rows = new InstanceRows(database);
            rows.insert(InstanceRecord.created(spec("inst-1", false))).join();
            rows.noteVm("inst-1", ProcessIdentity.of(vm.pid())).join();
            rows.insert(InstanceRecord.created(spec("inst-2", true)).withVm(Optional.of(recycled)))
                    .join();
        }
        Path kept = disk("inst-1");
        Path ephemeral = disk("inst-2");
        Path unknown = disk("inst-3");
        Path halfMade = Files.createFile(home.instance("inst-1").resolve("disk.raw.unfinished"));
        Path log = Files.createFile(home.logs().resolve("inst-1.ndjson"));
        Path ephemeralLog = Files.createFile(home.logs().resolve("inst-2.ndjson"));
        Path unknownLog = Files.createFile(home.logs().resolve("inst-3.ndjson.1"));
        try (Daemon daemon = start()) {
            assertThat(daemon).isNotNull();
            assertThat(vm.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(innocent.isAlive()).isTrue();
            String list = new Http(home.socket()).get("/v1/instances").body();
            assertThat(list).contains("inst-1", "\"state\":\"stopped\"", "the daemon was killed");
            assertThat(list).doesNotContain("inst-2");
            assertThat(kept).exists();
            assertThat(ephemeral).doesNotExist();
            assertThat(unknown).doesNotExist();
            assertThat(halfMade).doesNotExist();
            assertThat(log).exists();
            assertThat(ephemeralLog).doesNotExist();
            assertThat(unknownLog).doesNotExist();
        } finally {
            innocent.destroyForcibly();
        }
    }

    @Test
    void aProcessOfOursThatNobodyWroteDownIsEndedAndNoOther() throws Exception {
        Path socket = home.runDirectory().resolve("inst-1/monitor");
        Companion vm = Companion.start("/usr/bin/fake-vm-of-64-bits", socket);
        Companion network = Companion.start("fake-network", socket);
        Companion editor = Companion.start("vim", socket);
        Companion otherHome = Companion.start("fake-vm", directory.resolve("other/inst-1/monitor"));
        PrivateDirectory.ensure(home.runDirectory());
        Files.createDirectory(home.runDirectory("inst-1"));
        Files.createFile(home.runDirectory().resolve("stray"));
        try (Daemon daemon = start()) {
            assertThat(daemon).isNotNull();
            assertThat(vm.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(network.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(editor.process().isAlive()).isTrue();
            assertThat(otherHome.process().isAlive()).isTrue();
            assertThat(home.runDirectory()).isEmptyDirectory();
        } finally {
            List.of(vm, network, editor, otherHome).forEach(Companion::kill);
        }
    }
}
