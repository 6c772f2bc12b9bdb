package dev.aegisvm.client;

import java.nio.charset.StandardCharsets;

/** Texts that users gave, made fit for a URL. */
final class UrlText {
    private static final String HEX = "0123456789ABCDEF";

    private UrlText() {}

    /** Replaces every byte that is no unreserved character of a URL by its percent code. */
    static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return encoded.toString();
    }
}
