package dev.aegisvm.vmm.fake;

import module java.base;
import dev.aegisvm.vmm.*;
import org.jspecify.annotations.Nullable;

/**
 * Starts VMs that are a thread and a socket pair; a test can make the next start fail, hold a VM back in the middle of
 * something, or end it from outside.
 */
public final class FakeVmm implements Vmm {
    static final Layers LAYERS = new FakeLayers();

    private final List<FakeVm> started = new CopyOnWriteArrayList<>();
    private final Map<Moment, CompletableFuture<Void>> gates = new ConcurrentHashMap<>();
    private final Profile profile;
    private final boolean withProcesses;
    private volatile @Nullable String refusal;

    public FakeVmm() {
        this(Profile.QEMU);
    }

    public FakeVmm(Profile profile) {
        this(profile, false);
    }

    private FakeVmm(Profile profile, boolean withProcesses) {
        this.profile = profile;
        this.withProcesses = withProcesses;
    }

    /** One whose VMs have a process on the host, which stays if nobody ends it. */
    public static FakeVmm withProcesses() {
        return withProcesses(Profile.QEMU);
    }

    public static FakeVmm withProcesses(Profile profile) {
        return new FakeVmm(profile, true);
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

    @Override
    public Capabilities capabilities() {
        return profile.capabilities();
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
            FakeVm vm = new FakeVm(spec, profile, companion, this::pass);
            spec.ended().accept("spawn");
            started.add(vm);
            return vm;
        } catch (IOException obstacle) {
            throw new VmmException("no fake VM", "", obstacle);
        }
    }

    @Override
    public void close() {}
}
