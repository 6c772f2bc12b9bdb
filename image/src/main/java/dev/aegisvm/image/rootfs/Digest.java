package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;

/**
 * The SHA-256 of a blob, which is its name.
 *
 * @param hex 64 digits
 */
public record Digest(String hex) {
    private static final String PREFIX = "sha256:";
    private static final int DIGITS = 64;

    public static Digest parse(String text) throws ImageException {
        String hex = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : "";
        if (hex.length() != DIGITS || !hex.matches("[0-9a-f]*")) {
            throw ImageException.broken("'" + text + "' is not a SHA-256 digest");
        }
        return new Digest(hex);
    }

    public static Digest of(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(javas().digest(bytes)));
    }

    public static Digest finished(MessageDigest computation) {
        return new Digest(HexFormat.of().formatHex(computation.digest()));
    }

    /**
     * Compares it with what is expected.
     *
     * @param what has this digest, such as "a layer"
     */
    public void require(Digest expected, String what) throws ImageException {
        if (!equals(expected)) {
            throw ImageException.broken(
                    what + " is not what its digest says: expected " + expected + ", found " + this);
        }
    }

    public static MessageDigest sha256() {
        return Fastest.ENGINE.get();
    }

    private static MessageDigest javas() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Looked for when it is first needed. */
    private static final class Fastest {
        static final Supplier<MessageDigest> ENGINE = OpensslSha256.where().orElse(Digest::javas);
    }

    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
