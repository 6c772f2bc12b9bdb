package dev.aegisvm.cli.terminal;

import module java.base;

/** Values as text for people. Texts of unknown origin are made safe to show on a terminal. */
public final class Printable {
    /** Words that a shell takes as they are. */
    private static final String PLAIN = "[\\p{L}\\p{Nd}_./:=,@%+-]+";

    private static final long UNIT = 1000;

    private Printable() {}

    /** The text with every control character (line ends and tabs too) and bidirectional override as an escape. */
    public static String of(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (isSafe(c)) {
                safe.append(c);
            } else {
                safe.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
        return safe.toString();
    }

    private static boolean isSafe(char c) {
        boolean control = c < 0x20 || (c >= 0x7f && c < 0xa0);
        boolean override = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        return !control && !override;
    }

    /** A command as one could type it into a shell. */
    public static String command(List<String> words) {
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            line.append(line.isEmpty() ? "" : " ")
                    .append(word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'");
        }
        return line.toString();
    }

    /** A number of bytes in three digits or so, with a decimal unit: {@code 999 B}, {@code 1.2 MB}, {@code 345 MB}. */
    public static String bytes(long bytes) {
        if (bytes < UNIT) {
            return bytes + " B";
        }
        String units = "kMGT";
        long scale = UNIT;
        int unit = 0;
        while (bytes / scale >= UNIT && unit < units.length() - 1) {
            scale *= UNIT;
            unit++;
        }
        long tenths = bytes / (scale / 10);
        String number = tenths < 100 ? tenths / 10 + "." + tenths % 10 : Long.toString(tenths / 10);
        return number + " " + units.charAt(unit) + "B";
    }

    public static String seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
