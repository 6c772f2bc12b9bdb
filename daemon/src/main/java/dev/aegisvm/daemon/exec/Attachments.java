package dev.aegisvm.daemon.exec;

import dev.aegisvm.daemon.instance.InstanceSpec;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The clients of ephemeral instances, by the ids of these. */
public final class Attachments {
    private final Map<String, Attachment> byId = new ConcurrentHashMap<>();

    /** For a new instance, until {@link #forget}. */
    public Attachment of(InstanceSpec spec) {
        return spec.ephemeral() ? byId.computeIfAbsent(spec.id(), _ -> new Attachment()) : Attachment.notNeeded();
    }

    Optional<Attachment> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    public void forget(String id) {
        byId.remove(id);
    }
}
