package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.host.NativeLibrary;

/**
 * SHA-256 by OpenSSL's libcrypto, which uses the processor's instructions for it. So does the JVM's optimizing
 * compiler, but the daemon runs without that one, and each byte of an image goes through this twice.
 */
final class OpensslSha256 extends MessageDigest {
    private static final String LIBRARY = "libcrypto.so.3";
    private static final int DIGEST_BYTES = 32;
    /** More than {@code sizeof(SHA256_CTX)}, which is 112. */
    private static final long STATE_BYTES = 128;
    /** The garbage collector waits while one piece is worked on: a tenth of a millisecond. */
    private static final int PIECE = 128 * 1024;

    private final Functions functions;
    private final MemorySegment state = Arena.ofAuto().allocate(STATE_BYTES, Long.BYTES);

    private OpensslSha256(Functions functions) {
        super("SHA-256");
        this.functions = functions;
        engineReset();
    }

    /** How to make one; empty where there is no such library. */
    static Optional<Supplier<MessageDigest>> where() {
        return NativeLibrary.critical(LIBRARY, Functions.class).map(found -> () -> new OpensslSha256(found));
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
        /** {@code int SHA256_Init(SHA256_CTX *)}. */
        int SHA256_Init(MemorySegment state);

        /** {@code int SHA256_Update(SHA256_CTX *, const void *, size_t)}. */
        int SHA256_Update(MemorySegment state, MemorySegment bytes, long length);

        /** {@code int SHA256_Final(unsigned char *, SHA256_CTX *)}. */
        int SHA256_Final(MemorySegment digest, MemorySegment state);
    }
}
