package dev.aegisvm.api;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Turns what a JSON document left out into an empty collection, and what it gave into an unmodifiable one. */
final class Absent {
    private Absent() {}

    static <T> List<T> orEmpty(@Nullable List<T> list) {
        if (list == null) {
            return List.of();
        }
        refuseNull(list);
        return Collections.unmodifiableList(list);
    }

    static <V> Map<String, V> orEmpty(@Nullable Map<String, V> map) {
        if (map == null) {
            return Map.of();
        }
        refuseNull(map.values());
        if (map.keySet().stream().anyMatch(Absent::isOdd)) {
            throw ErrorCode.BAD_REQUEST.refusal("an object key contains a backslash or a control character");
        }
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /** The parser does not undo the escapes in a name. */
    private static boolean isOdd(String name) {
        return name.codePoints()
                .anyMatch(c -> c == '\\' || Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE);
    }

    /** The parser lets them pass. */
    private static void refuseNull(Collection<?> values) {
        if (values.stream().anyMatch(Objects::isNull)) {
            throw ErrorCode.BAD_REQUEST.refusal("a list or an object contains a null, which is not allowed here");
        }
    }
}
