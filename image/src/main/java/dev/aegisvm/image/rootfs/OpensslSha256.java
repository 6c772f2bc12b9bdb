package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.host.NativeLibrary;

/**
 * SHA-256 by OpenSSL's libcrypto, which uses the processor's instructions for it. So does the JVM's optimizing compiler, but
 * the daemon runs without that one, and each byte of an image goes through this twice.
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
        return NativeLibrary.open(LIBRARY).map(Functions::new).map(found -> () -> new OpensslSha256(found));
    }

    @Override
    protected void engineReset() {
        functions.init.call(state);
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
            functions.update.call(state, all.asSlice(at, piece), piece);
        }
    }

    @Override
    protected byte[] engineDigest() {
        byte[] digest = new byte[DIGEST_BYTES];
        functions.finish.call(MemorySegment.ofArray(digest), state);
        engineReset();
        return digest;
    }

    @Override
    protected int engineGetDigestLength() {
        return DIGEST_BYTES;
    }

    /** Its functions, by their signatures in {@code openssl/sha.h}. */
    private static final class Functions {
        private final Init init;
        private final Update update;
        private final Finish finish;

        Functions(NativeLibrary openssl) {
            init = openssl.critical(Init.class, "SHA256_Init");
            update = openssl.critical(Update.class, "SHA256_Update");
            finish = openssl.critical(Finish.class, "SHA256_Final");
        }
    }

    /** {@code int SHA256_Init(SHA256_CTX *)}. */
    public interface Init {
        int call(MemorySegment state);
    }

    /** {@code int SHA256_Update(SHA256_CTX *, const void *, size_t)}. */
    public interface Update {
        int call(MemorySegment state, MemorySegment bytes, long length);
    }

    /** {@code int SHA256_Final(unsigned char *, SHA256_CTX *)}. */
    public interface Finish {
        int call(MemorySegment digest, MemorySegment state);
    }
}
