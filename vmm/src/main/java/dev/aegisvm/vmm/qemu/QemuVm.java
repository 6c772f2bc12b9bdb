package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.net.GuestNetwork;

/** A VM in a QEMU process of its own. Its guest has one channel for its whole life. */
final class QemuVm implements Vm {
    static final Capabilities CAPABILITIES =
            new Capabilities("qemu", EnumSet.complementOf(EnumSet.of(Capability.SNAPSHOT)));

    private final QemuProcess qemu;
    private final Optional<GuestNetwork> network;
    private final Origin origin;
    private final Runnable release;
    private final AtomicBoolean channelTaken = new AtomicBoolean();
    private final CompletableFuture<VmExit> exit;

    /** @param release gives back, when the VM is gone, what is neither a process nor the instance's */
    QemuVm(QemuProcess qemu, Optional<GuestNetwork> network, Origin origin, Runnable release) {
        this.qemu = qemu;
        this.network = network;
        this.origin = origin;
        this.release = release;
        this.exit = qemu.exit().thenApply(ended -> {
            release();
            return ended;
        });
    }

    /** Times consecutive stages: each lasts from the end of the one before it. */
    static final class Stopwatch {
        private final Map<String, Duration> stages = new LinkedHashMap<>();
        private long last = System.nanoTime();

        void finished(String stage) {
            long now = System.nanoTime();
            stages.put(stage, Duration.ofNanos(now - last));
            last = now;
        }

        Map<String, Duration> stages() {
            return stages;
        }
    }

    @Override
    public ProcessIdentity process() {
        return qemu.identity();
    }

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public Optional<Network.Addresses> network() {
        return network.map(GuestNetwork::addresses);
    }

    @Override
    public ByteChannel channel(Duration limit) throws IOException {
        if (channelTaken.getAndSet(true)) {
            throw new IOException("the guest connects once");
        }
        return qemu.channel();
    }

    @Override
    public Duration channelReturns() {
        return Duration.ZERO;
    }

    @Override
    public void freeze() throws VmmException {
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
        network.ifPresent(GuestNetwork::close);
        release.run();
        try {
            qemu.channel().close();
        } catch (IOException alreadyClosed) {
            // The peer is gone; there is nothing left to lose.
        }
    }
}
