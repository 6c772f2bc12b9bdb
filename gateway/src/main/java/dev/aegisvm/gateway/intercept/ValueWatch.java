package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.Refusal;

/**
 * Looks for values in what a server answers to whom they were sent, and ends the answer before one: the guest is not to get it.
 * One that is compressed or encoded is not found. Values are added by one thread, and bytes passed by another.
 */
final class ValueWatch {
    /** What is shorter is in some answers by chance. */
    private static final int SHORTEST = 8;

    private static final int LONGEST = 4096;
    /** The beginning of a value is kept back when it is longer than this, until it is known how it goes on. */
    private static final int SHOWN = 3;

    /** By the names of secrets. */
    private final Map<String, String> values = new ConcurrentHashMap<>();

    private String kept = "";

    /** @param value each character is a byte */
    void add(String name, String value) {
        if (value.length() >= SHORTEST) {
            values.put(name, value.substring(0, Math.min(LONGEST, value.length())));
        }
    }

    void pass(byte[] bytes, int offset, int count, OutputStream out) throws IOException {
        if (values.isEmpty()) {
            out.write(bytes, offset, count);
            return;
        }
        String text = kept + new String(bytes, offset, count, StandardCharsets.ISO_8859_1);
        for (Map.Entry<String, String> value : values.entrySet()) {
            if (text.contains(value.getValue())) {
                throw new Refusal("the server sent the secret " + value.getKey() + " back, and the answer ends there");
            }
        }
        int passing = text.length()
                - values.values().stream()
                        .mapToInt(value -> begun(text, value))
                        .max()
                        .orElse(0);
        if (kept.isEmpty()) {
            out.write(bytes, offset, passing);
        } else {
            out.write(text.substring(0, passing).getBytes(StandardCharsets.ISO_8859_1));
        }
        kept = text.substring(passing);
    }

    /** How much of a value the text ends with. */
    private static int begun(String text, String value) {
        for (int count = Math.min(value.length() - 1, text.length()); count > SHOWN; count--) {
            if (text.regionMatches(text.length() - count, value, 0, count)) {
                return count;
            }
        }
        return 0;
    }

    /** There is no more. */
    void end(OutputStream out) throws IOException {
        out.write(kept.getBytes(StandardCharsets.ISO_8859_1));
        kept = "";
    }
}
