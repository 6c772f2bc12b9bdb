package dev.aegisvm.e2e;

import module java.base;
import dev.aegisvm.api.AegisHome;
import dev.aegisvm.daemon.guest.GuestPreparation;
import dev.aegisvm.host.Cgroup;
import dev.aegisvm.host.Jail;
import dev.aegisvm.host.Uids;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.contract.BackendContract;
import dev.aegisvm.vmm.qemu.QemuMachines;
import dev.aegisvm.vmm.start.StartSettings;
import dev.aegisvm.vmm.start.Starter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** QEMU keeps the contract, with the guest that is prepared in the cache. */
@Tag("vm")
class QemuContractTest extends BackendContract {
    private static final long LIMIT_SECONDS = 240;
    private static final Path LAUNCHER =
            Path.of("../host/jail/build", Jail.PROGRAM).toAbsolutePath().normalize();

    /** Below /tmp: the paths of sockets have to be short. */
    @TempDir
    static Path directory;

    private static GuestImage image;
    private static Vmm vmm;

    @BeforeAll
    static void open() throws IOException, VmmException {
        Path cache = HomeFixture.cache();
        image = GuestImage.read(cache.resolve(AegisHome.GUEST_PROPERTIES));
        Jail jail = new Jail(
                LAUNCHER, new Jail.Rules(new Uids(0x7000_0000, 1000), Cgroup.none("in a test"), false), List.of(cache));
        StartSettings settings = new StartSettings(
                image,
                cache,
                directory.resolve("verdicts"),
                Files.createDirectory(directory.resolve("run")),
                directory,
                8,
                Optional.ofNullable(System.getenv("AEGIS_ACCEL")).filter(name -> !name.isEmpty()),
                Path.of("..", "guest", "harness", "build", "aegis-tsc-khz")
                        .toAbsolutePath()
                        .normalize(),
                8192,
                0,
                shape -> false,
                System.out::println);
        vmm = new Starter(settings, new QemuMachines(jail, cache), new GuestPreparation());
        vmm.prepare(new VmShape(512, 1));
    }

    @AfterAll
    static void close() {
        vmm.close();
    }

    @Override
    protected Vmm backend() {
        return vmm;
    }

    @Override
    protected Path anImage() {
        return image.root();
    }

    @Override
    protected Path newDirectory() throws IOException {
        return Files.createTempDirectory(directory, "d");
    }

    @Override
    protected long limitSeconds() {
        return LIMIT_SECONDS;
    }
}
