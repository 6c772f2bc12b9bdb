package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.daemon.images.ImageStock;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.registry.SnapshotRows;
import dev.aegisvm.daemon.workspace.CopiedTree;
import dev.aegisvm.host.*;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * All snapshots. A directory for each, which is made under another name, written to the host's disk and renamed; then
 * its record is written, and then it is there. What has no record is removed by the next daemon.
 */
public final class Snapshots {
    private static final System.Logger LOG = System.getLogger(Snapshots.class.getName());
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** Of a name that is not asked for, before the time. */
    private static final int LONGEST_BEGINNING = 40;

    /** Of the host's disk, for the instances that run: what an aegisd needs to be well. */
    private static final int KEPT_FREE_MB = 1024;

    private static final String PRUNE = "delete old ones, for example: aegis snapshot prune --keep-last 1";

    private final Instances instances;
    private final SnapshotRows store;
    private final ImageStock images;
    private final Saving saving;
    private final int maxMb;
    private final Map<String, SnapshotRecord> byName = new ConcurrentHashMap<>();

    /**
     * Takes in those of earlier daemons, and removes what those left half made.
     *
     * @param maxMb how much they may take, in MiB; 0 for no limit
     */
    public Snapshots(Instances instances, SnapshotRows store, ImageStock images, Saving saving, int maxMb)
            throws IOException {
        this.instances = instances;
        this.store = store;
        this.images = images;
        this.saving = saving;
        this.maxMb = maxMb;
        PrivateDirectory.ensure(saving.root());
        for (SnapshotRecord record : store.all()) {
            if (Files.isDirectory(directory(record))) {
                enter(record);
            } else {
                LOG.log(Level.ERROR, "snapshot=" + record.name() + " its directory is missing; deleting its record");
                store.delete(record.id());
            }
        }
        Set<String> known = byName.values().stream().map(SnapshotRecord::id).collect(Collectors.toSet());
        for (Path each : PrivateDirectory.list(saving.root())) {
            if (!known.contains(each.getFileName().toString())) {
                PrivateDirectory.remove(each);
            }
        }
    }

    /**
     * Finishes what a daemon that was killed had begun with disks of instances; to be called before what has no record
     * is removed.
     */
    public static void finishRewinds(Path instances) throws IOException {
        for (Path each : PrivateDirectory.list(instances)) {
            String name = each.getFileName().toString();
            Path own = each.resolveSibling(name.replace(Saving.FRESH, ""));
            if (name.endsWith(Saving.FRESH) && Files.notExists(own)) {
                Files.move(each, own, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private void enter(SnapshotRecord stored) {
        SnapshotRecord record = stored;
        try {
            instances.takeName(stored.name(), stored.id());
        } catch (ApiException taken) {
            // Such as by an instance whose deletion could not be recorded.
            LOG.log(Level.ERROR, taken.getMessage() + ": the snapshot is called " + stored.id() + " instead");
            record = stored.named(stored.id());
            instances.takeName(record.name(), record.id());
        }
        var _ = images.claim(record.spec().imageDigest(), record.id());
        byName.put(record.name(), record);
    }

    /** Keeps an instance as it is now; returns when that is durable. */
    public SnapshotView create(InstanceRef ref, TakeSnapshot request) throws IOException {
        instances.refuseWhenClosed();
        InstanceActor actor = instances.find(ref);
        boolean secrets = Boolean.TRUE.equals(request.withSecrets());
        boolean memory = !Boolean.TRUE.equals(request.diskOnly()) && Saving.isLive(actor);
        SnapshotRecord record = new SnapshotRecord(
                InstanceSpec.newName(SnapshotRecord.PREFIX),
                name(request, actor),
                Optional.ofNullable(request.note()),
                Instant.now().truncatedTo(ChronoUnit.MILLIS),
                memory ? Optional.of(saving.backend()) : Optional.empty(),
                memory && secrets,
                actor.spec());
        SnapshotView taken = add(record, () -> {
            refuseFull(memory ? Saving.estimate(actor) : 0);
            return saving.save(actor, memory, secrets);
        });
        saving.goesOnFrom(record.spec(), record.id());
        return taken;
    }

    /** Makes a directory with what is to be kept, not all of which is on the host's disk yet. */
    @FunctionalInterface
    interface Maker {
        Path make() throws IOException;
    }

    SnapshotView add(SnapshotRecord record, Maker maker) throws IOException {
        instances.takeName(record.name(), record.id());
        var _ = images.claim(record.spec().imageDigest(), record.id());
        try {
            Path draft = maker.make();
            try {
                refuseFull(0);
                saving.keep(draft, record.id());
            } finally {
                saving.remove(draft);
            }
            store.insert(record);
            byName.put(record.name(), record);
            return view(record, null);
        } finally {
            if (!byName.containsValue(record)) {
                forget(record);
            }
        }
    }

    /** Refuses so many bytes more than all snapshots together may take, or than {@link #leaveRoom} allows. */
    void refuseFull(long more) throws IOException {
        long moreMb = more >> 20;
        long used = maxMb == 0 ? 0 : SparseFile.treeBytes(saving.root()) >> 20;
        if (maxMb > 0 && used + moreMb > maxMb) {
            throw ErrorCode.SNAPSHOTS_FULL.refusal(
                    "snapshots take " + used + " MB, this needs " + moreMb
                            + " MB more, and the limit snapshots_max_mb is " + maxMb,
                    PRUNE);
        }
        leaveRoom(more);
    }

    /** Refuses what would leave the host's disk less than {@value #KEPT_FREE_MB} MB. */
    void leaveRoom(long more) throws IOException {
        long moreMb = more >> 20;
        long free = Files.getFileStore(saving.root()).getUsableSpace() >> 20;
        if (moreMb > 0 && free - moreMb < KEPT_FREE_MB) {
            throw ErrorCode.SNAPSHOTS_FULL.refusal(
                    "the snapshot needs " + moreMb + " MB; " + free + " MB are free at " + saving.root() + ", and "
                            + KEPT_FREE_MB + " MB must stay free for running instances",
                    PRUNE + ", or save the disk alone (--disk-only)");
        }
    }

    private void forget(SnapshotRecord record) {
        images.release(record.id());
        saving.remove(directory(record));
        instances.giveName(record.name(), record.id());
    }

    private static String name(TakeSnapshot request, InstanceActor actor) {
        String handle = actor.spec().handle().orElse("snapshot");
        String begin = handle.substring(0, Math.min(handle.length(), LONGEST_BEGINNING));
        String usual = begin + "-" + STAMP.format(Instant.now());
        return Names.handle(Objects.requireNonNullElse(request.name(), usual));
    }

    public List<SnapshotView> list() {
        return oldestFirst().map(each -> view(each, null)).toList();
    }

    private Stream<SnapshotRecord> oldestFirst() {
        return byName.values().stream()
                .sorted(Comparator.comparing(SnapshotRecord::takenAt).thenComparing(SnapshotRecord::id));
    }

    public SnapshotView get(String name) {
        return view(find(name), null);
    }

    Optional<SnapshotRecord> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    SnapshotRecord find(String name) {
        return named(name)
                .orElseThrow(() -> ErrorCode.NOT_FOUND.refusal(
                        "there is no snapshot '" + name + "'", "'aegis snapshot list' lists the snapshots"));
    }

    /** What was copied into the instance with this id as its workspace. */
    public CopiedTree workspace(String id) {
        return CopiedTree.in(saving.directory(id));
    }

    Path directory(SnapshotRecord snapshot) {
        return saving.root().resolve(snapshot.id());
    }

    Saving saving() {
        return saving;
    }

    /** Removes it. VMs that went on from it have what they need of it. */
    public void delete(String name) {
        delete(find(name));
    }

    private void delete(SnapshotRecord record) {
        store.delete(record.id());
        if (byName.remove(record.name(), record)) {
            forget(record);
        }
    }

    /** Deletes those that are older, of any age without one, but for the latest {@code keepLast} of each instance. */
    public List<String> prune(Optional<Duration> olderThan, int keepLast) {
        Instant limit = olderThan.map(Instant.now()::minus).orElse(Instant.MAX);
        Map<String, Integer> kept = new HashMap<>();
        List<String> deleted = new ArrayList<>();
        for (SnapshotRecord each : oldestFirst().toList().reversed()) {
            boolean last = kept.merge(each.spec().id(), 1, Integer::sum) <= keepLast;
            if (!last && each.takenAt().isBefore(limit)) {
                delete(each);
                deleted.add(each.name());
            }
        }
        return deleted;
    }

    /** @param changes since then, where they were counted */
    SnapshotView view(SnapshotRecord record, @Nullable Integer changes) {
        String origin = Saving.origin(directory(record));
        Optional<String> parent = byName.values().stream()
                .filter(each -> each.id().equals(origin))
                .findFirst()
                .map(SnapshotRecord::name);
        return new SnapshotView(
                record.name(),
                record.spec().hostname(),
                parent.orElse(null),
                record.takenAt(),
                record.memory(),
                SparseFile.treeBytes(directory(record)),
                record.note().orElse(null),
                record.withSecrets(),
                changes);
    }
}
