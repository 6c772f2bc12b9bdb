package dev.aegisvm.host;

import module java.base;

/** Short names for all that something depends on. */
public final class Fingerprint {
    private static final int DIGITS = 24;

    private Fingerprint() {}

    public static String of(String inputs) {
        byte[] digest = sha256().digest(inputs.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
