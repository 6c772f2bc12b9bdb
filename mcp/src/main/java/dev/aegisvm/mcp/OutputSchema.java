package dev.aegisvm.mcp;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The JSON schema of what a tool answers, as the records say of which it is made. */
final class OutputSchema {
    private OutputSchema() {}

    /** An object with the fields of some records, of which an answer is one; those that are in each are always there. */
    @SafeVarargs
    @SuppressWarnings("checkstyle:MapOfObjects")
    static Map<String, Object> of(Class<? extends Record>... records) {
        Map<String, Object> properties = new LinkedHashMap<>();
        Set<String> required = new LinkedHashSet<>();
        for (Class<? extends Record> record : records) {
            Set<String> always = new LinkedHashSet<>();
            for (RecordComponent field : record.getRecordComponents()) {
                String name = wire(field.getName());
                properties.put(name, Map.of("type", type(field.getType())));
                if (!field.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    always.add(name);
                }
            }
            if (record.equals(records[0])) {
                required.addAll(always);
            } else {
                required.retainAll(always);
            }
        }
        return Map.of("type", "object", "properties", properties, "required", List.copyOf(required));
    }

    /** As the JSON adapters write it. */
    private static String wire(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static String type(Class<?> type) {
        if (type == String.class) {
            return "string";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "boolean";
        }
        return List.class.isAssignableFrom(type) ? "array" : type.isRecord() ? "object" : "integer";
    }
}
