package dev.aegisvm.api;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Turns what a JSON document left out into an empty collection, and what it gave into an unmodifiable one. */
final class Absent {
    private Absent() {}

    static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : Collections.unmodifiableList(list);
    }

    static <V> Map<String, V> orEmpty(@Nullable Map<String, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
