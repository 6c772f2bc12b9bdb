package dev.aegisvm.host;

import module java.base;

/** Short names for all that something depends on. */
public final class Fingerprint {
    private static final int DIGITS = 24;

    private Fingerprint() {}

    public static String of(String inputs) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(inputs.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
