package dev.aegisvm.vmm.fake;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import dev.aegisvm.vmm.disk.DiskChain;
import org.jspecify.annotations.Nullable;

/** A VM without a machine. */
public final class FakeVm implements Vm {
    /** Such as Firecracker's: a status of its own above 128, which no signal of that number has caused. */
    private static final int BUS_ERROR = 149;

    private final VmSpec spec;
    private final Profile profile;
    private final Optional<Companion> companion;
    private final Consumer<FakeVmm.Moment> gates;
    private final FakeChannels channels;
    private final AtomicBoolean channelTaken = new AtomicBoolean();
    private final CompletableFuture<VmExit> exit = new CompletableFuture<>();
    /** What the memory file had in it when it was mapped; empty where none is. */
    private final Optional<String> mapped;

    /** How it ended first: what follows from that is no other end. */
    private final AtomicReference<@Nullable VmExit> first = new AtomicReference<>();

    private final ScriptedGuest guest;
    private volatile boolean paused;

    FakeVm(VmSpec spec, Profile profile, Optional<Companion> companion, Consumer<FakeVmm.Moment> gates)
            throws IOException, VmmException {
        this.spec = spec;
        this.profile = profile;
        this.companion = companion;
        this.gates = gates;
        this.mapped = spec.snapshot().isPresent()
                ? Optional.of(Files.readString(memory(spec.snapshot().get())))
                : Optional.empty();
        provideDisk();
        this.channels = FakeChannels.listen(spec.runDirectory().resolve("channel"));
        this.guest = new ScriptedGuest(channels::dial, profile.dials(), this::readMemory, this::powerOff);
        mapped.ifPresent(guest::remember);
        guest.start();
        companion.ifPresent(process -> {
            var _ = process.process().onExit().thenRun(() -> end(new VmExit(new End.BySignal(Posix.SIGKILL), "", "")));
        });
    }

    /** The disk has a name of its own, or a fixed one in the VM's own directory that leads to it. */
    private void provideDisk() throws IOException, VmmException {
        if (spec.snapshot().isEmpty() && Files.notExists(spec.disk())) {
            Files.writeString(spec.disk(), "disk of " + spec.id() + "\n");
        }
        if (isLayered()) {
            var _ = new DiskChain(spec.disk()).own(FakeVmm.LAYERS, spec.diskBytes());
        } else if (!Files.getAttribute(spec.disk(), "unix:nlink").equals(1)) {
            throw new IllegalStateException(spec.disk() + " has to be a file of this VM alone");
        }
        if (profile.dials()) {
            Files.createSymbolicLink(spec.runDirectory().resolve("disk.raw"), spec.disk());
        }
    }

    private boolean isLayered() {
        return profile.has(Capability.LAYERED_DISK);
    }

    /** The guest writes a line to its disk. */
    public void write(String line) throws IOException {
        Files.writeString(new DiskChain(spec.disk()).top(), line + "\n", StandardOpenOption.APPEND);
    }

    private static Path memory(Path snapshot) {
        return snapshot.resolve("memory");
    }

    /** What happens whenever the guest does something: a mapped file that was changed is the end of the VM; one may be removed. */
    private void readMemory() {
        Optional<String> now = spec.snapshot().flatMap(snapshot -> content(memory(snapshot)));
        if (mapped.isPresent() && now.isPresent() && !now.equals(mapped)) {
            end(new VmExit(new End.Failed(BUS_ERROR), "", "SIGBUS"));
        }
    }

    private static Optional<String> content(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private void powerOff() {
        gates.accept(FakeVmm.Moment.SHUTDOWN);
        guestEnds(profile.ending());
    }

    /** A guest that ends in the way that this machine does not know is halted, and its process lives on. */
    public void guestEnds(Profile.Ending how) {
        if (how == profile.ending()) {
            End end = switch (how) {
                case POWER_OFF -> new End.PoweredOff();
                case REBOOT -> new End.Rebooted();
            };
            end(new VmExit(end, "", ""));
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
        first.compareAndSet(null, how);
        companion.ifPresent(Companion::kill);
        try {
            guest.close();
            exit.complete(first.get());
            channels.close();
        } catch (IOException closed) {
            exit.complete(first.get());
        }
    }

    @Override
    public ProcessIdentity process() {
        // Without a process, none that recovery could really kill.
        return companion.map(Companion::identity).orElse(new ProcessIdentity(1, 1, "no boot"));
    }

    @Override
    public Capabilities capabilities() {
        return profile.capabilities();
    }

    @Override
    public Origin origin() {
        Origin.Mode mode = spec.snapshot().isPresent() ? Origin.Mode.SNAPSHOT : Origin.Mode.COLD;
        return new Origin(mode, Optional.empty(), () -> {}, reason -> {});
    }

    @Override
    public Optional<Network> network() {
        return spec.network()
                ? Optional.of(new Network("10.0.2.15/24", "10.0.2.2", List.of("10.0.2.3")))
                : Optional.empty();
    }

    @Override
    public ByteChannel channel(Duration limit) throws IOException {
        if (!profile.dials() && channelTaken.getAndSet(true)) {
            throw new IOException("the guest is connected already");
        }
        return channels.next(limit);
    }

    @Override
    public void freeze() {
        gates.accept(FakeVmm.Moment.PAUSE);
        // The guest of a VM without a process goes on: tests of the relay send and receive while all else is paused.
        companion.ifPresent(process -> {
            process.freeze();
            guest.freeze();
        });
        paused = true;
    }

    @Override
    public void resume() {
        if (paused) {
            gates.accept(FakeVmm.Moment.RESUME);
        }
        companion.ifPresent(Companion::thaw);
        guest.thaw();
        paused = false;
    }

    @Override
    public void save(Path directory, boolean memory) throws VmmException {
        if (!profile.has(Capability.SNAPSHOT)) {
            throw new IllegalStateException("whoever asks for this has not looked at the capabilities");
        }
        try (var files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                throw new VmmException(directory + " is not empty", "Choose another directory.");
            }
            guest.freeze();
            if (memory) {
                Path file = memory(directory);
                Files.writeString(file, guest.memory());
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
            }
            saveDisk(DiskChain.in(directory));
            if (profile.dials()) {
                guest.loseChannel();
                channels.forget();
            }
        } catch (IOException obstacle) {
            throw new VmmException("cannot save the VM: " + obstacle.getMessage(), "", obstacle);
        } finally {
            if (!paused) {
                guest.thaw();
            }
        }
    }

    private void saveDisk(DiskChain copy) throws IOException {
        DiskChain disk = new DiskChain(spec.disk());
        if (isLayered()) {
            List<Path> fixed = disk.files();
            disk.extend(FakeVmm.LAYERS, spec.diskBytes());
            copy.link(fixed);
        } else {
            SparseFile.copy(disk.disk(), copy.disk());
        }
    }

    @Override
    public void kill() {
        gates.accept(FakeVmm.Moment.KILL);
        end(new VmExit(new End.BySignal(Posix.SIGKILL), "", ""));
    }

    @Override
    public CompletableFuture<VmExit> exit() {
        return exit;
    }
}
