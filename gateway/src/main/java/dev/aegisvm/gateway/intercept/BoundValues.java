package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.Refusal;

/**
 * The values of the secrets that one instance uses and does not have: as they are now, and all that they were since it
 * started. What a server got on one connection it may send back on another. For all threads.
 *
 * @param source gives the value of a secret, as it is now
 * @param learned is told of values that are to be hidden in logs
 * @param known the names of secrets, by their values, of which each character is a byte
 */
public record BoundValues(Source source, Consumer<Set<String>> learned, Map<String, String> known) {
    private static final int LONGEST = 4096;

    public interface Source {
        String of(String name) throws Refusal;
    }

    public BoundValues(Source source, Consumer<Set<String>> learned) {
        this(source, learned, new ConcurrentHashMap<>());
    }

    /** Each character is a byte. */
    String of(String name) throws Refusal {
        String value = source.of(name);
        String bytes = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (known.putIfAbsent(bytes.substring(0, Math.min(LONGEST, bytes.length())), name) == null) {
            learned.accept(Set.of(value));
        }
        return bytes;
    }
}
