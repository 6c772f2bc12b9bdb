package dev.aegisvm.vmm.qemu;

import dev.aegisvm.host.Posix;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.BootMode;
import dev.aegisvm.vmm.NetworkConfig;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmExit;
import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.net.GuestNetwork;
import dev.aegisvm.vmm.net.Passt;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A VM in a QEMU process of its own, with a passt process as its network. */
final class QemuVm implements Vm {
    private final QemuProcess qemu;
    private final GuestNetwork network;
    private final Origin origin;
    private final Map<String, Duration> stages;
    private final CompletableFuture<VmExit> exit;

    /**
     * Where a VM came from.
     *
     * @param mode how it started
     * @param fallbackReason why not faster
     * @param distrust throws away the template that it was restored from
     * @param release gives back, when the VM is gone, what is neither a process nor the instance's
     */
    record Origin(BootMode mode, Optional<String> fallbackReason, Consumer<String> distrust, Runnable release) {}

    QemuVm(QemuProcess qemu, GuestNetwork network, Origin origin, Map<String, Duration> stages) {
        this.qemu = qemu;
        this.network = network;
        this.origin = origin;
        this.stages = stages;
        this.exit = qemu.exit().thenApply(ended -> {
            release();
            return ended;
        });
    }

    @Override
    public ProcessIdentity process() {
        return qemu.identity();
    }

    @Override
    public ByteChannel channel() {
        return qemu.channel();
    }

    @Override
    public boolean rootMounted() {
        return origin.mode() == BootMode.TEMPLATE;
    }

    @Override
    public BootMode bootMode() {
        return origin.mode();
    }

    @Override
    public Optional<String> fallbackReason() {
        return origin.fallbackReason();
    }

    @Override
    public Map<String, Duration> stages() {
        return stages;
    }

    @Override
    public Optional<NetworkConfig> network() {
        return Optional.of(Passt.GUEST);
    }

    @Override
    public void distrustTemplate(String reason) {
        origin.distrust().accept(reason);
    }

    @Override
    public void pause() throws VmmException {
        signal(Posix.SIGSTOP, "paused");
    }

    @Override
    public void resume() throws VmmException {
        signal(Posix.SIGCONT, "resumed");
    }

    private void signal(int signal, String participle) throws VmmException {
        if (!qemu.identity().kill(signal)) {
            throw new VmmException("the VM cannot be " + participle + ": its process has ended", "");
        }
    }

    @Override
    public void kill() {
        qemu.kill();
    }

    @Override
    public CompletableFuture<VmExit> exit() {
        return exit;
    }

    private void release() {
        network.close();
        origin.release().run();
        try {
            qemu.channel().close();
        } catch (IOException alreadyClosed) {
            // The peer is gone; there is nothing left to lose.
        }
    }
}
