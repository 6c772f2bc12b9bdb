package dev.aegisvm.daemon.logs;

import module java.base;

/**
 * Puts {@value #MASK} in the place of values of secrets. A value of several lines, such as a key in PEM, is one for
 * each of them. What has fewer than {@value #SHORTEST} characters is left as it is: it would hide half of what is
 * written.
 */
public final class SecretMask {
    public static final SecretMask NONE = new SecretMask(List.of());

    private static final String MASK = "[secret]";
    private static final int SHORTEST = 6;
    /** A longer value is hidden in parts of so many characters, so that no more has to be held back. */
    private static final int LONGEST = 4096;

    /** Of what is hidden at once. */
    public static final int LONGEST_BYTES = 4 * LONGEST;

    /** Bytes as characters, so that what is no text stays what it is. The longest first: one may contain another. */
    private final List<String> hidden;

    SecretMask(Collection<String> values) {
        hidden = values.stream()
                .flatMap(String::lines)
                .map(String::strip)
                .flatMap(SecretMask::parts)
                .filter(part -> part.length() >= SHORTEST)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(part -> new String(part.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static Stream<String> parts(String line) {
        return IntStream.iterate(0, from -> from < line.length(), from -> from + LONGEST)
                .mapToObj(from -> line.substring(from, Math.min(line.length(), from + LONGEST)));
    }

    String hide(String text) {
        return new String(hide(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    private byte[] hide(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (String value : hidden) {
            text = text.replace(value, MASK);
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Hides the values, each in its length; returns how many of the last bytes may be the beginning of one. */
    public int cover(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        for (String value : hidden) {
            String begin = value.length() < MASK.length() ? "" : MASK;
            text = text.replace(value, begin + "*".repeat(value.length() - begin.length()));
        }
        byte[] covered = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(covered, 0, bytes, 0, covered.length);
        return begun(bytes, bytes.length);
    }

    /** How many of the last bytes are the beginning of a value, without its end. */
    int begun(byte[] bytes, int length) {
        int near = Math.max(0, length - LONGEST_BYTES);
        String end = new String(bytes, near, length - near, StandardCharsets.ISO_8859_1);
        return hidden.stream()
                .mapToInt(value -> {
                    int count = Math.min(value.length() - 1, end.length());
                    while (!end.regionMatches(end.length() - count, value, 0, count)) {
                        count--;
                    }
                    return count;
                })
                .max()
                .orElse(0);
    }

    /** A stream in pieces, whose last bytes are held back while they may begin a secret's value. For one thread. */
    public final class Bytes {
        private byte[] held = new byte[0];

        /** What can be passed on of these bytes and those that were held back, without the values. */
        public byte[] pass(byte[] bytes, int length) {
            byte[] all = Arrays.copyOf(held, held.length + length);
            System.arraycopy(bytes, 0, all, held.length, length);
            byte[] masked = hide(all);
            int back = begun(masked, masked.length);
            held = Arrays.copyOfRange(masked, masked.length - back, masked.length);
            return Arrays.copyOf(masked, masked.length - back);
        }

        /** What was held back, when nothing follows. */
        public byte[] rest() {
            return held;
        }
    }

    public boolean hides() {
        return !hidden.isEmpty();
    }

    public Bytes bytes() {
        return new Bytes();
    }
}
