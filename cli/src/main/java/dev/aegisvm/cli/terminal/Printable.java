package dev.aegisvm.cli.terminal;

/** Texts of unknown origin, made safe to show on a terminal. */
public final class Printable {
    private Printable() {}

    /** The text with every control character (line ends and tabs too) and bidirectional override as an escape. */
    public static String of(String text) {
        int first = 0;
        while (first < text.length() && isSafe(text.charAt(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int at = first; at < text.length(); at++) {
            char c = text.charAt(at);
            if (isSafe(c)) {
                safe.append(c);
            } else {
                String hex = Integer.toHexString(c);
                safe.append("\\u").append("0000", 0, 4 - hex.length()).append(hex);
            }
        }
        return safe.toString();
    }

    private static boolean isSafe(char c) {
        boolean control = c < 0x20 || (c >= 0x7f && c < 0xa0);
        boolean override = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        return !control && !override;
    }
}
