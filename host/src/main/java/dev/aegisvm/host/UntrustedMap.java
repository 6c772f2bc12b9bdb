package dev.aegisvm.host;

import module java.base;

/** Maps whose keys a registry, a file or a request has chosen. */
public final class UntrustedMap {
    private UntrustedMap() {}

    /** In linear time; {@link Map#copyOf} takes the square where the hashes of the keys lie close together. */
    public static <V> Map<String, V> copyOf(Map<String, V> map) {
        return Collections.unmodifiableMap(new ConcurrentHashMap<>(map));
    }
}
