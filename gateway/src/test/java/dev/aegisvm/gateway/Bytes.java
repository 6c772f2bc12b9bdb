package dev.aegisvm.gateway;

import module java.base;

/** Bytes as tables of tests write them: a character each, and {@code \r}, {@code \n}, {@code \xNN}. */
public final class Bytes {
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:x(..)|(r)|(n))");

    private Bytes() {}

    public static byte[] of(String text) {
        String plain = ESCAPE.matcher(text).replaceAll(escape -> {
            String meaning = escape.group(1) != null
                    ? Character.toString(HexFormat.fromHexDigits(escape.group(1)))
                    : escape.group(2) != null ? "\r" : "\n";
            return Matcher.quoteReplacement(meaning);
        });
        return plain.getBytes(StandardCharsets.ISO_8859_1);
    }
}
