package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Names.InstanceRef;

/** The instances that there are, and the ids that handles belong to, also those of snapshots. */
record Known(Map<String, InstanceActor> byId, Map<String, String> handles) {
    /** The instance that has this id or handle, whatever its state. */
    Optional<InstanceActor> named(String name) {
        return Optional.ofNullable(byId.get(handles.getOrDefault(name, name)));
    }

    /** What an instance or a snapshot with this id is called; the id where it has no name. */
    String nameOf(String id) {
        return handles.entrySet().stream()
                .filter(named -> named.getValue().equals(id))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(id);
    }

    /** Those that are not being deleted, the oldest first. */
    Stream<InstanceActor> there() {
        return byId.values().stream()
                .filter(actor -> actor.snapshot().state().isThere())
                .sorted(Comparator.comparing(
                                (InstanceActor actor) -> actor.spec().createdAt())
                        .thenComparing(actor -> actor.spec().id()));
    }

    /**
     * One of those; {@code tells}: a name that is almost right is answered with the right one, which guests must not
     * learn.
     */
    InstanceActor find(InstanceRef ref, boolean tells) {
        return named(ref.value())
                .filter(actor -> actor.snapshot().state().isThere())
                .orElseThrow(() -> {
                    List<String> names =
                            there().map(actor -> actor.spec().hostname()).toList();
                    String near = tells ? Nearest.to(ref.value(), names) : null;
                    String meant = near == null ? "" : "did you mean '" + near + "'? ";
                    return ErrorCode.NOT_FOUND.refusal(
                            "there is no instance '" + ref + "'", meant + "'aegis instance list' shows what there is");
                });
    }
}
