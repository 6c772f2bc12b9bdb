package dev.aegisvm.daemon.fake;

import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.vmm.Capabilities;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.Network;
import dev.aegisvm.vmm.Origin;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmExit;
import dev.aegisvm.vmm.VmSpec;
import dev.aegisvm.vmm.Vmm;
import dev.aegisvm.vmm.VmmException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Starts VMs that are a thread and a socket pair; a test can make the next start fail, hold a VM back in the middle of
 * something, or end it from outside.
 */
public final class FakeVmm implements Vmm {
    private final List<FakeVm> started = new CopyOnWriteArrayList<>();
    private final Map<Moment, CompletableFuture<Void>> gates = new ConcurrentHashMap<>();
    private final boolean withProcesses;
    private volatile @Nullable String refusal;

    public FakeVmm() {
        this(false);
    }

    private FakeVmm(boolean withProcesses) {
        this.withProcesses = withProcesses;
    }

    /** One whose VMs have a process on the host, which stays if nobody ends it. */
    public static FakeVmm withProcesses() {
        return new FakeVmm(true);
    }

    /** What a VM can be held back in. */
    public enum Moment {
        START,
        PAUSE,
        RESUME,
        SHUTDOWN,
        KILL
    }

    /** The next starts fail with this sentence; null: they succeed again. */
    public void refuse(@Nullable String sentence) {
        refusal = sentence;
    }

    /** The next starts wait for this. */
    public void holdBack(CompletableFuture<Void> until) {
        holdBack(Moment.START, until);
    }

    /** From now on, all VMs wait for this at that moment; they throw the {@link Error} that it fails with. */
    public void holdBack(Moment moment, CompletableFuture<Void> until) {
        gates.put(moment, until);
    }

    /** Lets go of all that is held back, and holds nothing back any more. */
    public void release() {
        List<CompletableFuture<Void>> held = List.copyOf(gates.values());
        gates.clear();
        held.forEach(gate -> gate.complete(null));
    }

    private void pass(Moment moment) {
        CompletableFuture<Void> gate = gates.get(moment);
        if (gate == null) {
            return;
        }
        try {
            gate.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof Error bug) {
                throw bug;
            }
            throw failed;
        }
    }

    public FakeVm last() {
        return started.getLast();
    }

    public List<FakeVm> all() {
        return started;
    }

    private static final Capabilities CAPABILITIES =
            new Capabilities("fake", EnumSet.complementOf(EnumSet.of(Capability.SNAPSHOT)));

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Set<String> processNames() {
        return Set.of("fake-vm", "fake-network");
    }

    @Override
    public Vm launch(VmSpec spec) throws VmmException {
        try {
            Optional<Companion> companion = withProcesses
                    ? Optional.of(Companion.start("fake-vm", spec.runDirectory().resolve("monitor")))
                    : Optional.empty();
            pass(Moment.START);
            String no = refusal;
            if (no != null) {
                throw new VmmException(no, "try the real one");
            }
            Files.writeString(spec.disk(), "disk of " + spec.id());
            FakeVm vm = FakeVm.start(spec, companion, this::pass);
            started.add(vm);
            return vm;
        } catch (IOException obstacle) {
            throw new VmmException("no fake VM", "", obstacle);
        }
    }

    @Override
    public void close() {}

    /** A VM without a machine. */
    public static final class FakeVm implements Vm {
        private final VmSpec spec;
        private final SocketChannel host;
        private final ScriptedGuest guest;
        private final Optional<Companion> companion;
        private final Consumer<Moment> gates;
        private final CompletableFuture<VmExit> exit = new CompletableFuture<>();
        private volatile boolean paused;

        private FakeVm(
                VmSpec spec,
                SocketChannel host,
                SocketChannel guestEnd,
                Optional<Companion> companion,
                Consumer<Moment> gates) {
            this.spec = spec;
            this.host = host;
            this.companion = companion;
            this.gates = gates;
            this.guest = new ScriptedGuest(guestEnd, () -> {
                gates.accept(Moment.SHUTDOWN);
                end(new VmExit(0, "", ""));
            });
        }

        static FakeVm start(VmSpec spec, Optional<Companion> companion, Consumer<Moment> gates) throws IOException {
            Path path = spec.runDirectory().resolve("channel");
            try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(path));
                SocketChannel host = SocketChannel.open(UnixDomainSocketAddress.of(path));
                return new FakeVm(spec, host, server.accept(), companion, gates);
            }
        }

        public VmSpec spec() {
            return spec;
        }

        public ScriptedGuest guest() {
            return guest;
        }

        public boolean paused() {
            return paused;
        }

        /** It ends as if somebody else had ended it. */
        public void end(VmExit how) {
            companion.ifPresent(Companion::kill);
            try {
                guest.close();
                exit.complete(how);
                host.close();
            } catch (IOException closed) {
                exit.complete(how);
            }
        }

        @Override
        public ProcessIdentity process() {
            // Without a process, none that recovery could really kill.
            return companion.map(Companion::identity).orElse(new ProcessIdentity(1, 1, "no boot"));
        }

        @Override
        public ByteChannel channel(Duration limit) {
            return host;
        }

        @Override
        public Capabilities capabilities() {
            return CAPABILITIES;
        }

        @Override
        public Origin origin() {
            return Origin.cold(Optional.empty(), Map.of("spawn", Duration.ofMillis(1)));
        }

        @Override
        public Optional<Network.Addresses> network() {
            return Optional.of(new Network.Addresses("10.0.2.15/24", "10.0.2.2", List.of("10.0.2.3")));
        }

        @Override
        public Duration channelReturns() {
            return Duration.ZERO;
        }

        @Override
        public void freeze() {
            gates.accept(Moment.PAUSE);
            companion.ifPresent(Companion::freeze);
            paused = true;
        }

        @Override
        public void resume() {
            if (paused) {
                gates.accept(Moment.RESUME);
            }
            companion.ifPresent(Companion::thaw);
            paused = false;
        }

        @Override
        public void kill() {
            gates.accept(Moment.KILL);
            end(new VmExit(137, "", ""));
        }

        @Override
        public CompletableFuture<VmExit> exit() {
            return exit;
        }
    }
}
