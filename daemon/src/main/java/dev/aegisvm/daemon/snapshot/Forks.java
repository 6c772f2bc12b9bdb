package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.Handle;
import dev.aegisvm.api.Names.InstanceRef;
import dev.aegisvm.api.SnapshotViews.ForkRequest;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;

/** New instances that go on from a snapshot, or from an instance as it is now. */
public record Forks(Instances instances, Snapshots snapshots) {
    private static final int MOST = 64;

    /** Where they go on from. */
    private record Origin(InstanceSpec spec, Path saved, boolean memory) {}

    /**
     * Makes them, and waits until all of them run. If one does not, none stays.
     *
     * @param source a snapshot or an instance
     */
    public List<InstanceView> fork(String source, ForkRequest request) {
        instances.refuseWhenClosed();
        long requested = System.nanoTime();
        int count = Objects.requireNonNullElse(request.count(), 1);
        if (count < 1 || count > MOST) {
            throw ErrorCode.BAD_REQUEST.refusal("count is 1 to " + MOST + ", not " + count);
        }
        boolean diskOnly = Boolean.TRUE.equals(request.diskOnly());
        Optional<SnapshotRecord> snapshot = snapshots.named(source);
        if (snapshot.isPresent()) {
            SnapshotRecord record = snapshot.get();
            Origin origin = new Origin(record.spec(), snapshots.directory(record), record.memory() && !diskOnly);
            return fork(origin, names(source, count, request), requested);
        }
        InstanceActor actor = instances.find(new InstanceRef(source));
        InstanceSpec spec = actor.spec();
        boolean memory = !diskOnly && Saving.isLive(actor);
        List<String> names = names(spec.hostname(), count, request);
        Path saved;
        try {
            saved = snapshots.saving().save(actor, memory, false);
        } catch (IOException obstacle) {
            throw Saving.refusal(obstacle);
        }
        try {
            return fork(new Origin(spec, saved, memory), names, requested);
        } finally {
            // Those that run have it open.
            snapshots.saving().remove(saved);
        }
    }

    private static List<String> names(String source, int count, ForkRequest request) {
        String prefix = Objects.requireNonNullElse(request.name(), source);
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> new Handle(prefix + "-" + number).value())
                .toList();
    }

    private List<InstanceView> fork(Origin origin, List<String> names, long requested) {
        if (origin.spec().mounts().stream().anyMatch(mount -> !mount.source().readOnly())) {
            throw ErrorCode.WORKSPACE_SHARED.refusal(
                    "'" + origin.spec().hostname() + "' has a directory of the host that it can write to",
                    "create it with --workspace DIRECTORY:copy, or with ':ro'");
        }
        List<InstanceActor> made = new ArrayList<>();
        try {
            for (String name : names) {
                InstanceActor actor = add(origin, name, requested);
                made.add(actor);
                actor.log("forked from '" + origin.spec().hostname() + "'");
            }
            made.forEach(InstanceActor::awaitStart);
            return made.stream().map(each -> Views.of(each, Optional.empty())).toList();
        } catch (ApiException failure) {
            made.stream()
                    .map(each -> each.begin(new InstanceEvent.Delete("not all forks started")))
                    .toList()
                    .forEach(each ->
                            each.exceptionally(_ -> new InstanceState.Deleted()).join());
            throw failure;
        }
    }

    private InstanceActor add(Origin origin, String name, long requested) {
        InstanceSpec parent = origin.spec();
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        InstanceSpec child = parent.with()
                .id(InstanceSpec.newName(Names.InstanceId.PREFIX))
                .handle(Optional.of(name))
                .exposes(List.of())
                .ephemeral(false)
                .tty(Optional.empty())
                .createdAt(now)
                .expiresAt(parent.expiresAt().map(end -> now.plus(Duration.between(parent.createdAt(), end))))
                .build();
        List<PublicPorts.Wanted> wanted =
                parent.exposes().stream().map(Forks::another).toList();
        try {
            snapshots.saving().begin(child, origin.saved());
            return instances.add(child, wanted, requested, work -> {
                if (origin.memory()) {
                    work.resumeFrom(origin.saved());
                }
            });
        } catch (IOException obstacle) {
            snapshots.saving().forget(child);
            throw Saving.refusal(obstacle);
        } catch (ApiException refusal) {
            snapshots.saving().forget(child);
            throw refusal;
        }
    }

    /** A public port is its instance's: a copy has its own. */
    private static PublicPorts.Wanted another(ExposedPort port) {
        return new PublicPorts.Wanted(port.guestPort(), OptionalInt.empty(), port.protocol());
    }
}
