package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceEvent.OnDisk;
import dev.aegisvm.daemon.workspace.CopiedTree;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.disk.DiskChain;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** How an instance is saved to a directory, and how another begins with what was saved. */
public final class Saving {
    private static final System.Logger LOG = System.getLogger(Saving.class.getName());
    /** Linux's EBUSY: something of a file system is in use. */
    private static final OptionalInt BUSY = OptionalInt.of(16);

    private static final String UNFINISHED = "unfinished-";
    /** The id of the snapshot that an instance was saved to or went back to last; in a snapshot, the one before. */
    static final String ORIGIN = "origin";
    /** What takes the place of an instance's directory, and what was there: neither is an instance. */
    static final String FRESH = ".fresh";

    private static final String OLD = ".old";

    private final Path root;
    private final Function<String, Path> directory;
    private final String backend;

    public Saving(Path root, Function<String, Path> directory, String backend) {
        this.root = root;
        this.directory = directory;
        this.backend = backend;
    }

    /** Where snapshots are. */
    Path root() {
        return root;
    }

    /** That of an instance, by its id. */
    Path directory(String instance) {
        return directory.apply(instance);
    }

    /** What saves memory here. */
    String backend() {
        return backend;
    }

    static boolean isLive(InstanceActor actor) {
        return vm(actor.snapshot().state()).isPresent();
    }

    private static Optional<LiveVm> vm(InstanceState state) {
        return switch (state) {
            case InstanceState.Running(LiveVm vm) -> Optional.of(vm);
            case InstanceState.Paused(LiveVm vm, boolean _) -> Optional.of(vm);
            case InstanceState _ -> Optional.empty();
        };
    }

    /** What is in the memory of some instances must not get onto a disk. */
    private static void refuseMemory(InstanceSpec spec, boolean withSecrets) {
        if (!spec.secrets().given().isEmpty() && !withSecrets) {
            throw ErrorCode.SECRET_IN_MEMORY.refusal(
                    "'" + spec.hostname() + "' has secret values in its memory",
                    "save its disk only (--disk-only), bind its secrets to hosts (--secret KEY@HOST), or allow a"
                            + " snapshot to contain them (aegis snapshot create --with-secrets)");
        }
    }

    /** Why VMs here cannot go on from memory that a backend has saved. */
    Optional<String> otherBackend(String saved) {
        return saved.equals(backend)
                ? Optional.empty()
                : Optional.of("its memory was saved by the backend " + saved + ", and VMs here run on " + backend);
    }

    /** Whether VMs are to go on from its memory, which is refused where they cannot. */
    boolean withMemory(SnapshotRecord snapshot, @Nullable Boolean diskOnly) {
        boolean wanted = snapshot.memory() && !Boolean.TRUE.equals(diskOnly);
        snapshot.backend().filter(_ -> wanted).flatMap(this::otherBackend).ifPresent(why -> {
            throw ErrorCode.UNSUPPORTED.refusal(
                    "'" + snapshot.name() + "': " + why, "start from its disk only: --disk-only");
        });
        return wanted;
    }

    /** An empty directory, which the next daemon removes. */
    Path draft() throws IOException {
        return Files.createTempDirectory(root, UNFINISHED);
    }

    /** Saves it to a new directory, not all of which is on the host's disk yet. */
    Path save(InstanceActor actor, boolean memory, boolean withSecrets) throws IOException {
        // What the VM that is saved was started as: an instance is changed while it is stopped.
        InstanceState.Snapshot now = actor.snapshot();
        InstanceSpec spec = now.record().spec();
        if (memory) {
            refuseMemory(spec, withSecrets);
        }
        Optional<LiveVm> vm = vm(now.state());
        Path draft = draft();
        try {
            if (vm.isPresent()) {
                vm.get().save(draft, memory);
            } else if (memory) {
                throw new IOException("'" + spec.hostname() + "' stopped in the meantime");
            } else {
                done(() -> saveDisk(spec, draft), task -> actor.ask(new OnDisk(task, "its disk is saved")));
            }
            CopiedTree workspace = CopiedTree.in(directory.apply(spec.id()));
            if (workspace.isThere()) {
                Files.createLink(CopiedTree.in(draft).list(), workspace.list());
            }
            Files.writeString(draft.resolve(ORIGIN), origin(directory.apply(spec.id())));
            return draft;
        } catch (VmmException obstacle) {
            remove(draft);
            throw new IOException(obstacle.getMessage(), obstacle);
        } catch (IOException | ApiException obstacle) {
            remove(draft);
            throw obstacle;
        }
    }

    /** Empty where there is none, or that is not known. */
    static String origin(Path own) {
        try {
            return Files.readString(own.resolve(ORIGIN));
        } catch (IOException none) {
            return "";
        }
    }

    /** From now on, an instance goes on from a snapshot. */
    void goesOnFrom(InstanceSpec spec, String snapshot) throws IOException {
        Files.writeString(directory.apply(spec.id()).resolve(ORIGIN), snapshot);
    }

    /** Ends the VM of an instance, and does something, in milliseconds, with its disk before it can start again. */
    static void whileStopped(InstanceActor actor, Callable<?> work, String cause) throws IOException {
        done(work, task -> actor.whileStopped(cause, task));
    }

    private static void done(Callable<?> work, Consumer<Runnable> runner) throws IOException {
        FutureTask<?> task = new FutureTask<>(work);
        runner.accept(task);
        if (task.state() == Future.State.FAILED) {
            throw new IOException(HostError.reason(task.exceptionNow()), task.exceptionNow());
        }
    }

    private boolean saveDisk(InstanceSpec spec, Path draft) throws IOException {
        DiskChain disk = DiskChain.in(directory.apply(spec.id()));
        if (Files.notExists(disk.disk())) {
            throw new IOException("it has no disk yet");
        }
        DiskChain.in(draft).link(disk.shared());
        return true;
    }

    /** What was saved gets its name, once all of it is on the host's disk. */
    void keep(Path draft, String id) throws IOException {
        for (Path each : PrivateDirectory.list(draft)) {
            Durable.force(each);
        }
        Durable.force(draft);
        Files.move(draft, root.resolve(id), StandardCopyOption.ATOMIC_MOVE);
        Durable.force(root);
    }

    /** Gives an instance that is not there yet the disk that was saved. */
    void begin(InstanceSpec spec, Path saved) throws IOException {
        Path own = Files.createDirectories(directory.apply(spec.id()));
        CopiedTree workspace = CopiedTree.in(saved);
        if (workspace.isThere()) {
            Files.createLink(CopiedTree.in(own).list(), workspace.list());
        }
        DiskChain.in(own).link(DiskChain.in(saved).files());
    }

    /** Gives a stopped instance the disk that was saved, in one step, which the next daemon finishes. */
    void replace(InstanceSpec spec, Path saved) throws IOException {
        Path own = directory.apply(spec.id());
        Path fresh = own.resolveSibling(own.getFileName() + FRESH);
        Path old = own.resolveSibling(own.getFileName() + OLD);
        PrivateDirectory.remove(fresh);
        Files.createDirectory(fresh);
        DiskChain.in(fresh).link(DiskChain.in(saved).files());
        Set<Path> disk = Set.copyOf(DiskChain.in(own).files());
        for (Path each : PrivateDirectory.list(own)) {
            if (!disk.contains(each)) {
                Files.createLink(fresh.resolve(each.getFileName()), each);
            }
        }
        Durable.force(fresh);
        Files.move(own, old, StandardCopyOption.ATOMIC_MOVE);
        try {
            Files.move(fresh, own, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException obstacle) {
            Files.move(old, own, StandardCopyOption.ATOMIC_MOVE);
            throw obstacle;
        }
        remove(old);
    }

    /** It did not come to be. */
    void forget(InstanceSpec spec) {
        remove(directory.apply(spec.id()));
    }

    /** What a snapshot will take at once, at most about: the memory that is in use. */
    static long estimate(InstanceActor actor) {
        long most = (long) actor.spec().size().memoryMb() << 20;
        return vm(actor.snapshot().state())
                .flatMap(live -> live.vm().process().usage())
                .map(usage -> Math.min(most, usage.uniqueBytes() + usage.sharedBytes()))
                .orElse(0L);
    }

    /** Out of the way at once: who looks for it meanwhile finds all of it or nothing. */
    void remove(Path saved) {
        Path gone = root.resolve(UNFINISHED + saved.getFileName());
        try {
            PrivateDirectory.remove(gone);
            Files.move(saved, gone, StandardCopyOption.ATOMIC_MOVE);
            PrivateDirectory.remove(gone);
        } catch (NoSuchFileException none) {
            return;
        } catch (IOException obstacle) {
            LOG.log(Level.ERROR, saved + " cannot be deleted: " + HostError.reason(obstacle));
        }
    }

    /** For what goes wrong in this room. */
    public static ApiException refusal(IOException obstacle) {
        if (obstacle instanceof GuestException busy && busy.errno().equals(BUSY)) {
            return ErrorCode.WORKSPACE_SHARED.refusal(
                    "cannot save its memory: " + busy.getMessage(),
                    "these have a file there open, or a directory below it as their current one; main is the main"
                            + " process, others are execs. Have them close the file or go to /workspace,"
                            + " end an exec with 'aegis exec kill', stop the instance first,"
                            + " save its disk only with --disk-only, or create it with --workspace DIRECTORY:copy",
                    busy);
        }
        String hint =
                obstacle.getCause() instanceof VmmException cause ? cause.hint() : "free some space, then try again";
        return ErrorCode.SNAPSHOT_FAILED.refusal(HostError.text(obstacle), hint, obstacle);
    }
}
