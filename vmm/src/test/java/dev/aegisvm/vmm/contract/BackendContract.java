package dev.aegisvm.vmm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import dev.aegisvm.vmm.VmSpec.Share;
import dev.aegisvm.vmm.disk.DiskChain;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every backend must do. A backend's own test extends this and provides one, with a guest whose harness answers. What the
 * backend's capabilities leave out must be refused by name, which is tested in the same places.
 */
public abstract class BackendContract {
    private static final int SIGKILL = 9;
    private static final End KILLED = new End.BySignal(Posix.SIGKILL);
    /** For something not to happen; a guest that runs answers well within it. */
    private static final long SILENCE_MS = 400;

    private final List<Vm> started = new ArrayList<>();
    private final List<String> stages = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();
    private Vmm vmm;
    private Path directory;
    private int count;

    /** The backend; it serves one test class. */
    protected abstract Vmm backend() throws Exception;

    /** A root file system that an image could have. */
    protected abstract Path anImage() throws Exception;

    /** A new directory with a short path. */
    protected abstract Path newDirectory() throws IOException;

    /** How long a guest may take to do something. */
    protected abstract long limitSeconds();

    @BeforeEach
    void open() throws Exception {
        vmm = backend();
        directory = newDirectory();
    }

    @AfterEach
    void endAll() {
        started.forEach(Vm::kill);
        started.forEach(vm -> vm.exit().join());
    }

    private VmSpec spec() throws IOException {
        String id = "vm" + count++;
        return new VmSpec(
                id,
                new VmShape(512, 1),
                Optional.empty(),
                directory.resolve(id + ".disk"),
                1024,
                Files.createDirectory(directory.resolve(id)),
                false,
                List.of(),
                Optional.empty(),
                stages::add,
                notices::add);
    }

    private static VmSpec with(
            VmSpec spec, Optional<Path> root, boolean network, List<Share> shares, Optional<Path> snapshot) {
        return new VmSpec(
                spec.id(),
                spec.shape(),
                root,
                spec.disk(),
                spec.diskSizeMb(),
                spec.runDirectory(),
                network,
                shares,
                snapshot,
                spec.ended(),
                spec.notices());
    }

    private Vm start(VmSpec spec) throws VmmException {
        Vm vm = vmm.start(spec);
        started.add(vm);
        return vm;
    }

    private RawGuest hello(Vm vm) throws IOException {
        return RawGuest.hello(vm.channel(Duration.ofSeconds(limitSeconds())), limitSeconds());
    }

    private VmExit end(Vm vm) throws Exception {
        return vm.exit().get(limitSeconds(), TimeUnit.SECONDS);
    }

    private boolean has(Capability capability) {
        return vmm.capabilities().has(capability);
    }

    /** The start is refused, by a sentence with these words, and nothing is left. */
    private void refused(VmSpec spec, String words) throws IOException {
        boolean disk = Files.exists(spec.disk());
        VmmException refusal = catchThrowableOfType(VmmException.class, () -> start(spec));
        assertThat(refusal)
                .hasMessageContaining("this backend (" + vmm.capabilities().backend() + ") cannot " + words);
        assertThat(refusal.hint()).isNotEmpty();
        assertThat(Files.exists(spec.disk())).isEqualTo(disk);
        assertThat(spec.runDirectory()).isEmptyDirectory();
    }

    @Test
    void aVmStartsAndItsGuestAnswers() throws Exception {
        VmSpec spec = spec();
        Vm vm = start(spec);
        assertThat(hello(vm).uptimeMs(limitSeconds())).isNotNegative();
        assertThat(vm.process().alive()).isTrue();
        assertThat(vm.exit()).isNotDone();
        assertThat(stages).isNotEmpty();
        assertThat(vm.origin().mode() == Origin.Mode.COLD || has(Capability.TEMPLATE_RESTORE))
                .as("nothing is restored without the capability")
                .isTrue();
        assertThat(vm.capabilities()).isEqualTo(vmm.capabilities());
        assertThat(vm.network()).as("none was asked for").isEmpty();
        assertThat(spec.disk()).exists();
    }

    @Test
    void killEndsProcessAndChannelAndCanBeCalledAgain() throws Exception {
        Vm vm = start(spec());
        RawGuest guest = hello(vm);
        vm.kill();
        assertThat(end(vm).end()).isEqualTo(KILLED);
        assertThat(vm.process().alive()).isFalse();
        assertThatThrownBy(() -> guest.call("health", "{}", limitSeconds())).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> vm.channel(Duration.ofSeconds(limitSeconds()))).isInstanceOf(IOException.class);
        vm.kill();
    }

    @Test
    void anEndFromOutsideIsNoticed() throws Exception {
        Vm vm = start(spec());
        assertThat(vm.process().kill(SIGKILL)).isTrue();
        assertThat(end(vm).end()).isEqualTo(KILLED);
    }

    /** However the guest does that on this machine: it powers off, or it reboots. */
    @Test
    void aGuestThatShutsDownEndsItsVm() throws Exception {
        Vm vm = start(spec());
        var _ = hello(vm).begin("shutdown", "{\"grace_ms\":100}");
        assertThat(end(vm).end()).isIn(new End.PoweredOff(), new End.Rebooted());
    }

    @Test
    void aPausedGuestDoesNothingUntilItIsResumed() throws Exception {
        Vm vm = start(spec());
        RawGuest guest = hello(vm);
        vm.resume();
        assertThat(guest.uptimeMs(limitSeconds())).as("resumed while it ran").isNotNegative();
        if (!has(Capability.PAUSE_RESUME)) {
            assertThatThrownBy(vm::pause).isInstanceOf(VmmException.class).hasMessageContaining("cannot pause a VM");
            assertThat(guest.uptimeMs(limitSeconds())).isNotNegative();
            return;
        }
        vm.pause();
        CompletableFuture<String> answer = guest.begin("health", "{}");
        assertThatThrownBy(() -> answer.get(SILENCE_MS, TimeUnit.MILLISECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
        vm.resume();
        assertThat(answer.get(limitSeconds(), TimeUnit.SECONDS)).contains("uptime_ms");
    }

    @Test
    void aPausedVmCanBeKilled() throws Exception {
        Vm vm = start(spec());
        if (has(Capability.PAUSE_RESUME)) {
            vm.pause();
        }
        vm.kill();
        assertThat(end(vm).end()).isEqualTo(KILLED);
    }

    @Test
    void aDiskOutlivesItsVm() throws Exception {
        VmSpec first = spec();
        Vm vm = start(first);
        vm.kill();
        end(vm);
        VmSpec second = spec();
        Files.move(first.disk(), second.disk());
        if (has(Capability.BOOT_FROM_DISK_LAYERS)) {
            assertThat(hello(start(second)).uptimeMs(limitSeconds())).isNotNegative();
        } else {
            refused(second, "boot from an existing disk");
        }
    }

    @Test
    void aVmHasANetworkOrItIsRefused() throws Exception {
        VmSpec spec = with(spec(), Optional.empty(), true, List.of(), Optional.empty());
        if (has(Capability.NETWORK)) {
            Vm vm = start(spec);
            assertThat(vm.network()).isPresent();
            assertThat(hello(vm).uptimeMs(limitSeconds())).isNotNegative();
        } else {
            refused(spec, "give a VM a network");
        }
    }

    @Test
    void aDirectoryIsSharedOrItIsRefused() throws Exception {
        Path shared = newDirectory().toRealPath();
        VmSpec spec = with(spec(), Optional.empty(), false, List.of(new Share(shared, false)), Optional.empty());
        if (has(Capability.SHARE)) {
            Vm vm = start(spec);
            RawGuest guest = hello(vm);
            if (!vm.origin().rootMounted()) {
                String params = "{\"root\":\"vda\",\"disk\":\"vdb\",\"unix_ns\":1700000000000000000}";
                guest.call("mount", params, limitSeconds());
            }
            guest.call(
                    "share",
                    "{\"tag\":\"" + vm.capabilities().devices().shares() + "\",\"mounts\":[{\"path\":\"/workspace\"}]}",
                    limitSeconds());
        } else {
            refused(spec, "share a host directory");
        }
    }

    @Test
    void anImageIsTheRootOrItIsRefused() throws Exception {
        VmSpec spec = with(spec(), Optional.of(anImage()), false, List.of(), Optional.empty());
        if (has(Capability.IMAGE_ROOT)) {
            assertThat(hello(start(spec)).uptimeMs(limitSeconds())).isNotNegative();
        } else {
            refused(spec, "start a VM from an image");
        }
    }

    @Test
    void aDiskOfSeveralFilesIsUsedOrItIsRefused() throws Exception {
        VmSpec first = spec();
        Vm vm = start(first);
        vm.kill();
        end(vm);
        vmm.capabilities().layers().create(Layers.of(first.disk(), 1), first.diskBytes());
        VmSpec second = spec();
        Files.move(first.disk(), second.disk());
        Files.move(Layers.of(first.disk(), 1), Layers.of(second.disk(), 1));
        if (!has(Capability.BOOT_FROM_DISK_LAYERS)) {
            refused(second, "boot from an existing disk");
        } else if (!has(Capability.LAYERED_DISK)) {
            refused(second, "use a disk of several files");
        } else {
            assertThat(hello(start(second)).uptimeMs(limitSeconds())).isNotNegative();
        }
    }

    @Test
    void aLostChannelComesBackOrTheVmHasOneAlone() throws Exception {
        Vm vm = start(spec());
        ByteChannel first = vm.channel(Duration.ofSeconds(limitSeconds()));
        var _ = RawGuest.hello(first, limitSeconds());
        if (vm.capabilities().channelReturns().isZero()) {
            assertThatThrownBy(() -> vm.channel(Duration.ofMillis(1))).isInstanceOf(IOException.class);
        } else {
            first.close();
            assertThat(again(vm).uptimeMs(limitSeconds())).isNotNegative();
            assertThat(vm.exit()).isNotDone();
        }
    }

    /** The newest connection that answers. */
    private RawGuest again(Vm vm) throws IOException {
        IOException last = new IOException("not tested");
        for (long end = System.nanoTime() + vm.capabilities().channelReturns().toNanos(); System.nanoTime() < end; ) {
            try {
                return RawGuest.hello(vm.channel(vm.capabilities().channelReturns()), limitSeconds());
            } catch (IOException dead) {
                last = dead;
            }
        }
        throw last;
    }

    @Test
    void aSnapshotOfARunningVmIsTakenAndStartedOrItIsRefused() throws Exception {
        Vm vm = start(spec());
        RawGuest before = hello(vm);
        Path snapshot = newDirectory();
        if (!has(Capability.SNAPSHOT)) {
            assertThatThrownBy(() -> vm.snapshot(snapshot, true))
                    .isInstanceOf(VmmException.class)
                    .hasMessageContaining("cannot save a running VM");
            refused(
                    with(spec(), Optional.empty(), false, List.of(), Optional.of(snapshot)),
                    "save a running VM, or start one from a snapshot");
            assertThat(before.uptimeMs(limitSeconds())).isNotNegative();
            return;
        }
        long uptime = before.uptimeMs(limitSeconds());
        while (uptime < SILENCE_MS) {
            uptime = before.uptimeMs(limitSeconds());
        }
        vm.snapshot(snapshot, true);
        assertThatThrownBy(() -> vm.snapshot(snapshot, true))
                .as("into files that VMs map")
                .isInstanceOf(VmmException.class);
        RawGuest after = vm.capabilities().channelReturns().isZero() ? before : again(vm);
        assertThat(after.uptimeMs(limitSeconds())).isGreaterThanOrEqualTo(uptime);
        for (int copies = 0; copies < 2; copies++) {
            VmSpec spec = with(spec(), Optional.empty(), false, List.of(), Optional.of(snapshot));
            giveDisk(spec, snapshot);
            Vm copy = start(spec);
            assertThat(copy.origin().mode()).isEqualTo(Origin.Mode.SNAPSHOT);
            assertThat(hello(copy).uptimeMs(limitSeconds())).isGreaterThanOrEqualTo(uptime);
        }
        assertThat(after.uptimeMs(limitSeconds())).as("the first one goes on").isGreaterThanOrEqualTo(uptime);
        assertThat(started).allSatisfy(each -> assertThat(each.exit()).isNotDone());
    }

    /** As the daemon does before a VM goes on from a snapshot. */
    private void giveDisk(VmSpec spec, Path snapshot) throws IOException, VmmException {
        new DiskChain(spec.disk()).link(DiskChain.in(snapshot).files());
        if (!has(Capability.LAYERED_DISK)) {
            new DiskChain(spec.disk())
                    .flatten(vmm.capabilities().layers(), spec.diskBytes(), spec.runDirectory(), _ -> {});
        }
    }
}
