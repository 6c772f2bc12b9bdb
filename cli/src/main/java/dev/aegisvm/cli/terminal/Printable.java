package dev.aegisvm.cli.terminal;

import module java.base;

/** Values as text for people. Texts of unknown origin are made safe to show on a terminal. */
public final class Printable {
    /** Words that a shell takes as they are. */
    private static final String PLAIN = "[\\p{L}\\p{Nd}_./:=,@%+-]+";

    private static final Pattern UNSAFE = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]");
    private static final long UNIT = 1000;

    private Printable() {}

    /** The text with every control character (line ends and tabs too) and bidirectional override as an escape. */
    public static String of(String text) {
        return UNSAFE.matcher(text)
                .replaceAll(unsafe ->
                        "\\\\u" + HexFormat.of().toHexDigits(unsafe.group().charAt(0)));
    }

    /** A command as one could type it into a shell. */
    public static String command(List<String> words) {
        return words.stream()
                .map(word -> word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    /** A number of bytes in three digits or so, with a decimal unit: {@code 999 B}, {@code 1.2 MB}, {@code 345 MB}. */
    public static String bytes(long bytes) {
        if (bytes < UNIT) {
            return bytes + " B";
        }
        String units = "kMGT";
        int unit = 0;
        long tenths = bytes / 100;
        for (; tenths >= 10 * UNIT && unit < units.length() - 1; unit++) {
            tenths /= UNIT;
        }
        String number = tenths < 100 ? tenths / 10 + "." + tenths % 10 : Long.toString(tenths / 10);
        return number + " " + units.charAt(unit) + "B";
    }

    /** How many bytes have moved since {@code begin}, and how fast: {@code 12 MB of 1.2 GB, 3.4 MB/s}; 0: no total. */
    public static String progress(long done, long total, long begin) {
        long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begin));
        return bytes(done) + (total == 0 ? "" : " of " + bytes(total)) + ", " + bytes(done * 1_000_000 / micros) + "/s";
    }

    public static String seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
