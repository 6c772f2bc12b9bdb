package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.SnapshotViews.SnapshotView;
import dev.aegisvm.api.WorkspaceViews.*;
import dev.aegisvm.daemon.exec.Processes;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import dev.aegisvm.daemon.guest.GuestFiles.Layer;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.snapshot.OwnFiles.Difference;
import org.jspecify.annotations.Nullable;

/**
 * What an instance or a snapshot changed, against its image or a snapshot. One that runs is asked itself; the disk of
 * others is shown by a VM of its own.
 */
public final class Diffs {
    private static final int LONGEST_TEXT = 256 * 1024;
    private static final int ALL_TEXTS = 8 * 1024 * 1024;
    private static final int EXECUTABLE = 0111;
    /** One at a time: each may take a hundred MB of the daemon's memory. */
    private static final Semaphore TURN = new Semaphore(1);

    /** For what a guest tells of its files: a hostile one may never come to an end, and others wait for their turn. */
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private static final int PERMISSIONS = 0777;

    private final Instances instances;
    private final Snapshots snapshots;
    private final DiskView.Opening views;
    private final Processes processes;

    public Diffs(Instances instances, Snapshots snapshots, DiskView.Opening views, Processes processes) {
        this.instances = instances;
        this.snapshots = snapshots;
        this.views = views;
        this.processes = processes;
    }

    /** One of the two that are compared. */
    private record Side(GuestFiles files, OwnFiles own, Runnable end) implements AutoCloseable {
        static Side of(DiskView disk) throws IOException {
            try {
                GuestFiles files = disk.files().until(Instant.now().plus(LONGEST));
                return new Side(files, OwnFiles.of(files), disk.end());
            } catch (IOException | RuntimeException obstacle) {
                disk.end().run();
                throw obstacle;
            }
        }

        @Override
        public void close() {
            end.run();
        }
    }

    /**
     * Compares.
     *
     * @param from a snapshot; absent: the image
     * @param to a snapshot; absent: the source
     * @param texts with the content of text files, as far as there is not too much of it
     */
    public WorkspaceDiff diff(
            InstanceRef source, Optional<String> from, Optional<String> to, GuestPath below, boolean texts)
            throws IOException {
        instances.refuseWhenClosed();
        Optional<SnapshotRecord> target = to.isPresent() ? to.map(snapshots::find) : snapshots.named(source.value());
        Optional<SnapshotRecord> base = from.map(snapshots::find);
        InstanceActor actor = target.isPresent() ? null : instances.find(source);
        InstanceSpec spec = actor == null ? target.orElseThrow().spec() : actor.spec();
        if (base.isPresent() && !base.get().spec().imageDigest().equals(spec.imageDigest())) {
            throw ErrorCode.BAD_REQUEST.refusal("'" + base.get().name() + "' has another base image");
        }
        TURN.acquireUninterruptibly();
        try (Side later = actor == null ? saved(target.orElseThrow()) : instance(source, actor);
                Side earlier = base.isPresent() ? saved(base.get()) : null) {
            String name = base.map(SnapshotRecord::name)
                    .orElse(spec.image().map(InstanceSpec.ImageUse::ref).orElse(spec.imageDigest()));
            return new WorkspaceDiff(name, new Comparison(earlier, later, texts).changes(below));
        } finally {
            TURN.release();
        }
    }

    /** A snapshot, and how much its instance has changed since, if that is there. */
    public SnapshotView since(String name) throws IOException {
        SnapshotRecord record = snapshots.find(name);
        InstanceRef instance = new InstanceRef(record.spec().id());
        boolean gone = instances.named(instance.value()).isEmpty();
        return snapshots.view(
                record,
                gone
                        ? null
                        : diff(instance, Optional.of(name), Optional.empty(), new GuestPath("/"), false)
                                .changes()
                                .size());
    }

    private Side saved(SnapshotRecord record) throws IOException {
        return view(record.spec(), snapshots.directory(record));
    }

    private Side instance(InstanceRef ref, InstanceActor actor) throws IOException {
        if (Saving.isLive(actor)) {
            Processes.Target target = processes.forFiles(ref);
            return Side.of(new DiskView(target.vm().guest().files(Optional.empty()), target::close));
        }
        Path draft = snapshots.saving().save(actor, false, false);
        try {
            return view(actor.spec(), draft);
        } finally {
            snapshots.saving().remove(draft);
        }
    }

    private Side view(InstanceSpec spec, Path saved) throws IOException {
        InstanceSpec visitor = spec.with()
                .id(InstanceSpec.newName(Names.ID_PREFIX))
                .handle(Optional.empty())
                .mounts(Mounts.NONE)
                .network(Egress.NONE)
                .build();
        try {
            snapshots.saving().begin(visitor, saved);
        } catch (IOException obstacle) {
            snapshots.saving().forget(visitor);
            throw obstacle;
        }
        return Side.of(views.open(visitor));
    }

    private static final class Comparison {
        private final @Nullable Side earlier;
        private final Side later;
        private int room;

        Comparison(@Nullable Side earlier, Side later, boolean texts) {
            this.earlier = earlier;
            this.later = later;
            this.room = texts ? ALL_TEXTS : 0;
        }

        List<WorkspaceChange> changes(GuestPath below) throws IOException {
            List<WorkspaceChange> changes = new ArrayList<>();
            for (Map.Entry<String, Difference> each : OwnFiles.differences(
                            earlier == null ? null : earlier.own(), later.own())
                    .entrySet()) {
                if ((each.getKey() + "/").startsWith(below.resolve("").value())) {
                    changes.add(change(each.getKey(), each.getValue()));
                }
            }
            if (changes.isEmpty() && !later.own().isThere(below.value().replaceFirst("/+$", ""))) {
                throw ErrorCode.FILE_NOT_FOUND.refusal(
                        "there is nothing at " + below + " on the disk, neither now nor before",
                        "give a path without symlinks, of a directory or file that is there, or was");
            }
            return changes;
        }

        private WorkspaceChange change(String path, Difference difference) throws IOException {
            FileStat before = difference.before();
            FileStat now = difference.now();
            FileStat shown = now == null ? Objects.requireNonNull(before) : now;
            String what = before == null
                    ? WorkspaceChange.ADDED
                    : now == null ? WorkspaceChange.DELETED : WorkspaceChange.CHANGED;
            Integer modeBefore = before == null || before.mode() == shown.mode() ? null : before.mode() & PERMISSIONS;
            String old = text(earlier, path, before);
            String present = text(later, path, now);
            boolean same = before != null && now != null && hasContentOf(now, before, old, present);
            boolean whole = !same && (old != null || !isFile(before)) && (present != null || !isFile(now));
            return new WorkspaceChange(
                    path,
                    what,
                    shown.mode() & PERMISSIONS,
                    modeBefore,
                    shown.isDirectory() ? 0 : shown.size(),
                    shown.target().orElse(null),
                    flags(shown, same),
                    whole ? old : null,
                    whole ? present : null);
        }

        /** What changes a file's content changes its time, too; where there are texts, these tell it. */
        private static boolean hasContentOf(
                FileStat now, FileStat before, @Nullable String old, @Nullable String present) {
            return isFile(now)
                    && isFile(before)
                    && now.size() == before.size()
                    && (now.modified().equals(before.modified()) || (old != null && old.equals(present)));
        }

        private static List<String> flags(FileStat shown, boolean same) {
            if (shown.isDirectory()) {
                return List.of(WorkspaceChange.DIRECTORY);
            }
            if (shown.kind() == FileKind.SYMLINK) {
                return List.of(WorkspaceChange.LINK);
            }
            List<String> flags = new ArrayList<>();
            if ((shown.mode() & EXECUTABLE) != 0) {
                flags.add(WorkspaceChange.EXECUTABLE);
            }
            if (same) {
                flags.add(WorkspaceChange.ATTRIBUTES);
            }
            return flags;
        }

        private static boolean isFile(@Nullable FileStat stat) {
            return stat != null && stat.kind() == FileKind.FILE;
        }

        /** The content of a text file; null where it is none, or too long. */
        private @Nullable String text(@Nullable Side side, String path, @Nullable FileStat stat) throws IOException {
            int most = Math.min(room, LONGEST_TEXT);
            if (stat == null || !isFile(stat) || stat.size() > most) {
                return null;
            }
            Side asked = side == null ? later : side;
            Layer layer = side != null && side.own().has(path) ? Layer.OWN : Layer.IMAGE;
            try (InputStream content = asked.files().of(layer).read(path, 0, Optional.of((long) most))) {
                byte[] bytes = content.readNBytes(most);
                room -= bytes.length;
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
                return text.indexOf(0) < 0 ? text : null;
            } catch (CharacterCodingException | FileFailure noText) {
                return null;
            }
        }
    }
}
