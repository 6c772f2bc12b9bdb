package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.InstanceStatus;

/**
 * Which instances a client wants to see: those to which all of this applies.
 *
 * @param states it is in one of these; empty: in any
 * @param labels it has all of these, each {@code KEY=VALUE}, or {@code KEY} for any value
 * @param name is a part of its handle or its id
 */
public record InstanceFilter(Set<InstanceStatus> states, List<String> labels, Optional<String> name) {
    boolean accepts(InstanceActor actor) {
        InstanceSpec spec = actor.spec();
        return (states.isEmpty() || states.contains(actor.status()))
                && accepts(spec.hostname(), spec.id(), spec.labels());
    }

    /** Whatever its state. */
    public boolean accepts(String handle, String id, Map<String, String> its) {
        return labels.stream().allMatch(label -> has(label, its))
                && name.map(part -> handle.contains(part) || id.contains(part)).orElse(true);
    }

    private static boolean has(String wanted, Map<String, String> labels) {
        int equals = wanted.indexOf('=');
        return equals < 0
                ? labels.containsKey(wanted)
                : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
    }
}
