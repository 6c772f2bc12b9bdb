package dev.aegisvm.daemon.secrets;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM (NIST SP 800-38D) with the name as associated data, so that a value that was moved to another name does not
 * decrypt there. A sealed value is Base64 of the 96-bit nonce, the ciphertext and the 128-bit tag.
 */
final class AesGcm {
    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private AesGcm() {}

    /** Encrypts under a nonce that is drawn for this call. */
    static String seal(SecretKey key, String name, String value) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] ciphertext =
                    cipher(Cipher.ENCRYPT_MODE, key, nonce, name).doFinal(value.getBytes(StandardCharsets.UTF_8));
            ByteBuffer sealed = ByteBuffer.allocate(nonce.length + ciphertext.length);
            return Base64.getEncoder()
                    .encodeToString(sealed.put(nonce).put(ciphertext).array());
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, missing);
        }
    }

    /**
     * Decrypts.
     *
     * @throws AEADBadTagException when it is not what was sealed under this key and name
     */
    static String open(SecretKey key, String name, String sealed) throws AEADBadTagException {
        try {
            byte[] bytes = Base64.getDecoder().decode(sealed);
            if (bytes.length < NONCE_BYTES + TAG_BITS / Byte.SIZE) {
                throw new AEADBadTagException("too short");
            }
            byte[] nonce = new byte[NONCE_BYTES];
            System.arraycopy(bytes, 0, nonce, 0, NONCE_BYTES);
            byte[] value = cipher(Cipher.DECRYPT_MODE, key, nonce, name)
                    .doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
            return new String(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noBase64) {
            AEADBadTagException altered = new AEADBadTagException("no Base64");
            altered.initCause(noBase64);
            throw altered;
        } catch (AEADBadTagException altered) {
            throw altered;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, missing);
        }
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
