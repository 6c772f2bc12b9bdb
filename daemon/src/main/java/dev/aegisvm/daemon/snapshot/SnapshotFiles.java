package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Actions.ActionView;
import dev.aegisvm.api.SnapshotViews.ImportedSnapshot;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.workspace.CopiedTree;
import dev.aegisvm.host.*;
import dev.aegisvm.image.Image;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;

/** Snapshots that leave this host, or come from another. */
public final class SnapshotFiles {
    /** Of what becomes so many times larger, half of the free space is the most: it may be made to fill the disk. */
    private static final int USUAL_RATIO = 200;
    /** How long one waits until others that come have ended. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Snapshots snapshots;
    private final ImageStock images;
    private final Vmm vmm;
    private final Egress network;
    private final ForeignBudget.Share memory;

    /**
     * @param network the most that forks of one that comes may reach
     * @param memory what those that come make the daemon hold
     */
    public SnapshotFiles(Snapshots snapshots, ImageStock images, Vmm vmm, Egress network, ForeignBudget.Share memory) {
        this.snapshots = snapshots;
        this.images = images;
        this.vmm = vmm;
        this.network = network;
        this.memory = memory;
    }

    /** Writes one to a new file, which is there when it is whole, and on the disk. */
    public ActionView export(String name, Path file) throws IOException {
        SnapshotRecord snapshot = snapshots.find(name);
        if (snapshot.withSecrets()) {
            throw ErrorCode.SECRET_IN_MEMORY.refusal(
                    "'" + name + "' may contain secret values, and therefore cannot be exported",
                    "make a snapshot with --disk-only, and export that one");
        }
        if (Files.exists(file)) {
            throw ErrorCode.BAD_REQUEST.refusal("the file " + file + " already exists", "choose another name");
        }
        Path directory = snapshots.directory(snapshot);
        Head head = Head.of(snapshot, root(snapshot.spec().imageDigest()), parts(directory));
        Draft.write(file, out -> SnapshotPack.write(head, directory, out), PRIVATE);
        return new ActionView("exported");
    }

    /** The list of a copied workspace names a directory of this host, and an origin a snapshot of it. */
    private static List<Head.Part> parts(Path directory) throws IOException {
        Set<Path> ours = Set.of(CopiedTree.in(directory).list(), directory.resolve(Saving.ORIGIN));
        List<Head.Part> parts = new ArrayList<>();
        for (Path file : PrivateDirectory.list(directory)) {
            if (!ours.contains(file)) {
                parts.add(Head.Part.of(file));
            }
        }
        return parts;
    }

    /** What the blocks of an image are in; saved memory knows where each is. */
    private String root(String digest) {
        return images.find(digest)
                .map(Image::root)
                .map(root -> root.getFileName().toString())
                .orElse("");
    }

    /** Takes in a file, or only looks how much it is; without the memory where nothing could go on from it here. */
    public ImportedSnapshot take(Path file, Optional<String> as, boolean look) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw ErrorCode.BAD_REQUEST.refusal("there is no file " + file);
        }
        Path draft = snapshots.saving().draft();
        try (SnapshotPack pack = new SnapshotPack(file, memory)) {
            Head head = pack.head(PATIENCE);
            String name = Names.handle(as.orElse(head.name()));
            snapshots.refuseFull(head.bytes());
            refuseLarge(head.bytes(), Files.size(file), draft);
            Egress reach = network.within(head.spec().network().word());
            if (look) {
                String size = "its unpacked size is " + (head.bytes() >> 20) + " MB";
                return new ImportedSnapshot(
                        snapshots.view(head.record(name, Optional.ofNullable(head.backend()), reach), null), size);
            }
            pack.files(head, draft);
            DiskChain.in(draft)
                    .requireSound(
                            vmm.capabilities().layers(),
                            (long) head.spec().size().diskMb() << 20);
            String root = root(head.spec().imageDigest());
            Optional<String> obstacle = head.backend() == null ? Optional.empty() : adopt(head, reach, root, draft);
            Optional<String> backend = Optional.ofNullable(head.backend())
                    .filter(_ -> obstacle.isEmpty())
                    .map(_ -> vmm.capabilities().backend());
            if (backend.isEmpty()) {
                keepDisk(draft);
            }
            SnapshotRecord record = head.record(name, backend, reach);
            return new ImportedSnapshot(snapshots.add(record, () -> draft), obstacle.orElse(null));
        } catch (IOException | IllegalArgumentException obstacle) {
            String why = obstacle instanceof EOFException ? "the file is incomplete" : HostError.text(obstacle);
            throw ErrorCode.BAD_REQUEST.refusal(file + " cannot be imported: " + why, obstacle);
        } finally {
            snapshots.saving().remove(draft);
        }
    }

    private static void refuseLarge(long bytes, long packed, Path draft) throws IOException {
        long most = most(bytes, packed, Files.getFileStore(draft).getUsableSpace());
        if (bytes > most) {
            throw new IOException("it has " + (bytes >> 20) + " MB, but only " + (most >> 20) + " MB are allowed");
        }
    }

    static long most(long bytes, long packed, long free) {
        return bytes / USUAL_RATIO > packed ? free / 2 : free;
    }

    /** Why nothing can go on from its memory. */
    private Optional<String> adopt(Head head, Egress reach, String root, Path draft) {
        String mode = head.spec().network().word();
        if (!reach.word().equals(mode)) {
            return Optional.of("its network was '" + mode + "', which is not allowed here");
        }
        String backend = Objects.requireNonNull(head.backend());
        Optional<String> other = snapshots.saving().otherBackend(backend);
        if (!backend.isEmpty() && other.isPresent()) {
            return other;
        }
        if (root.isEmpty() || !root.equals(head.root())) {
            return Optional.of("its image is missing on this host, or has changed");
        }
        try {
            vmm.adopt(draft, head.spec().size().memoryMb());
            return Optional.empty();
        } catch (VmmException unusable) {
            return Optional.of(unusable.getMessage());
        }
    }

    private static void keepDisk(Path draft) throws IOException {
        List<Path> disk = DiskChain.in(draft).files();
        for (Path each : PrivateDirectory.list(draft)) {
            if (!disk.contains(each)) {
                Files.delete(each);
            }
        }
    }
}
