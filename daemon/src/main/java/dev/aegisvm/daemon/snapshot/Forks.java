package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.SnapshotViews.ForkRequest;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.Mounts.Workspace;

/** New instances that go on from a snapshot, or from an instance as it is now. */
public final class Forks {
    private static final int MOST = 64;

    private final Instances instances;
    private final Snapshots snapshots;
    private final Function<String, Workspace> directories;

    public Forks(Instances instances, Snapshots snapshots, Function<String, Workspace> directories) {
        this.instances = instances;
        this.snapshots = snapshots;
        this.directories = directories;
    }

    /** Where they go on from. */
    private record Origin(InstanceSpec spec, Path saved, boolean memory) {}

    /**
     * Makes them, and waits until all of them run. If one does not, or the client leaves meanwhile, none stays.
     *
     * @param ifLeft is given what to do when the client leaves; it does not block
     */
    public List<InstanceView> fork(String source, ForkRequest request, Consumer<Runnable> ifLeft) throws IOException {
        instances.refuseWhenClosed();
        long requested = System.nanoTime();
        int count = Objects.requireNonNullElse(request.count(), 1);
        if (count < 1 || count > MOST) {
            throw ErrorCode.BAD_REQUEST.refusal("count must be 1 to " + MOST + ", not " + count);
        }
        boolean diskOnly = Boolean.TRUE.equals(request.diskOnly());
        Optional<SnapshotRecord> snapshot = snapshots.named(source);
        if (snapshot.isPresent()) {
            SnapshotRecord record = snapshot.get();
            boolean memory = snapshots.saving().withMemory(record, diskOnly);
            Origin origin = new Origin(record.spec(), snapshots.directory(record), memory);
            return fork(origin, children(record.spec(), source, count, request), requested, ifLeft);
        }
        InstanceActor actor = instances.find(new InstanceRef(source));
        InstanceSpec spec = actor.spec();
        boolean memory = !diskOnly && Saving.isLive(actor);
        List<InstanceSpec> children = children(spec, spec.hostname(), count, request);
        snapshots.leaveRoom(memory ? Saving.estimate(actor) : 0);
        Path saved = snapshots.saving().save(actor, memory, false);
        try {
            return fork(new Origin(spec, saved, memory), children, requested, ifLeft);
        } finally {
            // Those that run have it open.
            snapshots.saving().remove(saved);
        }
    }

    /** The parent with the names and the workspaces of its forks. */
    private List<InstanceSpec> children(InstanceSpec parent, String source, int count, ForkRequest request) {
        String prefix = Objects.requireNonNullElse(request.name(), source);
        boolean isNamed = request.count() == null && request.name() != null;
        List<InstanceSpec> children = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            String name = Names.handle(isNamed ? prefix : prefix + "-" + number);
            Optional<Workspace> workspace = workspace(parent, request, count == 1 ? "" : "-" + number);
            Mounts mounts = new Mounts(workspace, parent.mounts().volumes());
            children.add(parent.with().handle(Optional.of(name)).mounts(mounts).build());
        }
        return children;
    }

    /** A fork writes to no directory of its parent's, unless that is asked for. */
    private Optional<Workspace> workspace(InstanceSpec parent, ForkRequest request, String suffix) {
        String asked = request.workspace();
        boolean shared = Boolean.TRUE.equals(request.shareWorkspace());
        boolean own = parent.mounts().workspace().map(Workspace::isCopy).orElse(true);
        if (asked != null && (shared || own)) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    shared
                            ? "share_workspace and workspace cannot be used together"
                            : "'" + parent.hostname() + "' has no shared host directory as its workspace",
                    "leave the workspace out");
        }
        boolean writes = parent.mounts().shared().stream()
                .filter(mount -> asked == null || !mount.guestPath().equals(Workspace.GUEST_PATH))
                .anyMatch(mount -> !mount.source().readOnly());
        if (writes && !shared) {
            throw ErrorCode.WORKSPACE_SHARED.refusal(
                    "'" + parent.hostname() + "' can write to a host directory, which a fork would share",
                    "give the fork another workspace with --workspace NEW, share it with --share-workspace, or create"
                            + " the instance with --workspace DIRECTORY:copy");
        }
        return asked == null ? parent.mounts().workspace() : Optional.of(own(asked, suffix));
    }

    /** @param suffix of a name, when there are several forks */
    private Workspace own(String asked, String suffix) {
        Workspace own = directories.apply(asked);
        if (suffix.isEmpty() || own.isCopy() || own.readOnly()) {
            return own;
        }
        if (own.isPath()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "several forks cannot use one directory", "use a name: each fork has its own, NAME-1 and so on");
        }
        return directories.apply(new Workspace(own.source() + suffix, own.access()).text());
    }

    private List<InstanceView> fork(
            Origin origin, List<InstanceSpec> children, long requested, Consumer<Runnable> ifLeft) throws IOException {
        List<InstanceActor> made = new ArrayList<>();
        try {
            for (InstanceSpec child : children) {
                InstanceActor actor = add(origin, child, requested);
                made.add(actor);
                actor.log("forked from '" + origin.spec().hostname() + "'");
            }
            InstanceEvent undone = new InstanceEvent.Delete("its client disconnected before it received the answer");
            ifLeft.accept(() -> made.forEach(each -> each.tell(undone)));
            made.forEach(InstanceActor::awaitStart);
            return made.stream().map(each -> Views.of(each, Optional.empty())).toList();
        } catch (IOException | ApiException failure) {
            Instances.all(made.stream(), new InstanceEvent.Delete("another fork failed"))
                    .join();
            throw failure;
        }
    }

    private InstanceActor add(Origin origin, InstanceSpec wanted, long requested) throws IOException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        InstanceSpec child = wanted.with()
                .id(InstanceSpec.newName(Names.ID_PREFIX))
                .secrets(wanted.secrets().forked())
                // A public port is its instance's: a copy has its own.
                .exposes(wanted.exposes().stream()
                        .map(port -> new ExposedPort(port.guestPort(), ExposedPort.ANY, port.protocol()))
                        .toList())
                .createdAt(now)
                .life(wanted.life().forked(Duration.between(wanted.createdAt(), now)))
                .build();
        try {
            snapshots.saving().begin(child, origin.saved());
            return instances.add(child, requested, work -> {
                if (origin.memory()) {
                    work.resumeFrom(origin.saved());
                }
            });
        } catch (IOException | ApiException obstacle) {
            snapshots.saving().forget(child);
            throw obstacle;
        }
    }
}
