package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.SnapshotViews.*;
import dev.aegisvm.daemon.instance.*;

/** An instance goes back to what it was when a snapshot of it was taken. */
public final class Rewinds {
    private final Instances instances;
    private final Snapshots snapshots;

    public Rewinds(Instances instances, Snapshots snapshots) {
        this.instances = instances;
        this.snapshots = snapshots;
    }

    /**
     * Ends its VM, gives it the disk of the snapshot, and lets it go on from there; returns when it does. Its present
     * state is kept as a snapshot first, unless that is not wanted.
     */
    public RewindView rewind(InstanceRef ref, RewindRequest request) throws IOException {
        instances.refuseWhenClosed();
        String name = request.snapshot();
        if (name == null) {
            throw ErrorCode.BAD_REQUEST.refusal("snapshot is required");
        }
        SnapshotRecord target = snapshots.find(name);
        InstanceActor actor = instances.find(ref);
        InstanceSpec spec = actor.spec();
        boolean memory = snapshots.saving().withMemory(target, request.diskOnly());
        refuseOther(target, spec, memory);
        String kept = Boolean.TRUE.equals(request.discard()) ? null : keep(ref, spec, name);
        Path saved = snapshots.directory(target);
        Callable<Boolean> replacing = () -> {
            snapshots.saving().replace(spec, saved);
            snapshots.saving().goesOnFrom(spec, target.id());
            actor.work().resumeFrom(memory ? saved : null);
            return true;
        };
        LiveVm vm = actor.snapshot().state().vm();
        if (vm != null) {
            vm.kill(); // nothing of it is wanted any more
        }
        Saving.whileStopped(actor, replacing, "rewound to '" + name + "'");
        actor.log("rewound to '" + name + "'");
        try {
            Instances.start(actor, "rewound to '" + name + "'");
            actor.awaitStart();
        } catch (ApiException failure) {
            actor.work().resumeFrom(null);
            String back = kept == null ? name + " --disk-only" : kept;
            throw ErrorCode.SNAPSHOT_FAILED.refusal(
                    "'" + spec.hostname() + "' has the disk of '" + name + "' now, but could not resume: "
                            + failure.error().error(),
                    "aegis rewind " + spec.hostname() + " " + back,
                    failure);
        }
        return new RewindView("running", kept);
    }

    private static void refuseOther(SnapshotRecord target, InstanceSpec spec, boolean memory) {
        if (!target.spec().id().equals(spec.id())) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "'" + target.name() + "' is not a snapshot of '" + spec.hostname() + "'",
                    "start another instance from it: aegis fork " + target.name());
        }
        if (Transitions.endsWithStop(spec.life())) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "'" + spec.hostname() + "' is deleted when its process ends, and a rewind ends it",
                    "start another instance from the snapshot: aegis fork " + target.name());
        }
        // What its memory has then would not be known of it any more.
        if (memory
                && !spec.secrets().given().containsAll(target.spec().secrets().given())) {
            throw ErrorCode.SECRET_IN_MEMORY.refusal(
                    "'" + target.name() + "' has secret values in its memory that '" + spec.hostname()
                            + "' may no longer use",
                    "rewind its disk only: --disk-only");
        }
        // A disk keeps its size.
        if (memory && !target.spec().size().equals(spec.size())) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "'" + spec.hostname() + "' has other memory or CPUs than in '" + target.name() + "'",
                    "rewind its disk only: --disk-only");
        }
    }

    /** With its memory where that may be kept. */
    private String keep(InstanceRef ref, InstanceSpec spec, String target) throws IOException {
        boolean diskOnly =
                !spec.mounts().shared().isEmpty() || !spec.secrets().given().isEmpty();
        TakeSnapshot request = new TakeSnapshot(null, diskOnly, "before it was rewound to " + target, null);
        return snapshots.create(ref, request).name();
    }
}
