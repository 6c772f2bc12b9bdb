package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.image.ImageException;

/**
 * The SHA-256 of a blob, which is its name.
 *
 * @param hex 64 digits
 */
public record Digest(String hex) {
    private static final String PREFIX = "sha256:";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    public static Digest parse(String text) throws ImageException {
        String hex = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : "";
        if (!HEX.matcher(hex).matches()) {
            throw ImageException.broken("'" + text + "' is not a SHA-256 digest");
        }
        return new Digest(hex);
    }

    public static Digest of(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(Fingerprint.sha256().digest(bytes)));
    }

    public static Digest finished(MessageDigest computation) {
        return new Digest(HexFormat.of().formatHex(computation.digest()));
    }

    /** Throws when another one is expected of what has this one, such as "a layer". */
    public void require(Digest expected, String what) throws ImageException {
        if (!equals(expected)) {
            throw ImageException.broken(
                    what + " is not what its digest says: expected " + expected + ", found " + this);
        }
    }

    public static MessageDigest sha256() {
        return OpensslSha256.MAKER.get();
    }

    @Override
    public String toString() {
        return PREFIX + hex;
    }

    /**
     * SHA-256 by OpenSSL's libcrypto, which uses the processor's instructions for it. So does the JVM's optimizing
     * compiler, but the daemon runs without that one, and each byte of an image goes through this twice.
     */
    private static final class OpensslSha256 extends MessageDigest {
        private static final String LIBRARY = "libcrypto.so.3";
        private static final int DIGEST_BYTES = 32;
        /** More than {@code sizeof(SHA256_CTX)}, which is 112. */
        private static final long STATE_BYTES = 128;
        /** The garbage collector waits while one piece is worked on: a tenth of a millisecond. */
        private static final int PIECE = 128 * 1024;

        /** Makes one; or one of Java's where there is no such library, which is looked for when it is first needed. */
        static final Supplier<MessageDigest> MAKER = NativeLibrary.critical(LIBRARY, Functions.class)
                .<Supplier<MessageDigest>>map(found -> () -> new OpensslSha256(found))
                .orElse(Fingerprint::sha256);

        private final Functions functions;
        private final MemorySegment state = Arena.ofAuto().allocate(STATE_BYTES, Long.BYTES);

        private OpensslSha256(Functions functions) {
            super("SHA-256");
            this.functions = functions;
            engineReset();
        }

        @Override
        protected void engineReset() {
            functions.SHA256_Init(state);
        }

        @Override
        protected void engineUpdate(byte one) {
            engineUpdate(new byte[] {one}, 0, 1);
        }

        @Override
        protected void engineUpdate(byte[] bytes, int offset, int length) {
            MemorySegment all = MemorySegment.ofArray(bytes);
            int end = offset + length;
            for (int at = offset; at < end; at += PIECE) {
                int piece = Math.min(PIECE, end - at);
                functions.SHA256_Update(state, all.asSlice(at, piece), piece);
            }
        }

        @Override
        protected byte[] engineDigest() {
            byte[] digest = new byte[DIGEST_BYTES];
            functions.SHA256_Final(MemorySegment.ofArray(digest), state);
            engineReset();
            return digest;
        }

        @Override
        protected int engineGetDigestLength() {
            return DIGEST_BYTES;
        }

        /** Of {@code openssl/sha.h}. */
        interface Functions {
            int SHA256_Init(MemorySegment state);

            int SHA256_Update(MemorySegment state, MemorySegment bytes, long length);

            int SHA256_Final(MemorySegment digest, MemorySegment state);
        }
    }
}
