package dev.aegisvm.mcp;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The JSON schema of what a tool answers, as the records say of which it is made. */
final class OutputSchema {
    private OutputSchema() {}

    /** An object with the fields of some records, of which an answer is one; what one alone always has is required. */
    @SuppressWarnings("checkstyle:MapOfObjects")
    static Map<String, Object> of(List<Class<?>> records) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Class<?> record : records) {
            for (RecordComponent field : record.getRecordComponents()) {
                String name = wire(field.getName());
                properties.put(name, Map.of("type", type(field.getType())));
                if (records.size() == 1 && !field.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    required.add(name);
                }
            }
        }
        return Map.of("type", "object", "properties", properties, "required", required);
    }

    /** As the JSON adapters write it. */
    private static String wire(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static String type(Class<?> type) {
        if (type == String.class || type == Instant.class) {
            return "string";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "boolean";
        }
        if (List.class.isAssignableFrom(type)) {
            return "array";
        }
        return type.isPrimitive() || Number.class.isAssignableFrom(type) ? "integer" : "object";
    }
}
