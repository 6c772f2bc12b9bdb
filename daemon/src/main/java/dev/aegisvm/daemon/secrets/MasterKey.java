package dev.aegisvm.daemon.secrets;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.host.*;
import org.jspecify.annotations.Nullable;

/**
 * The key that encrypts all secrets: 32 random bytes in a file that only its owner can read. It is read for each use
 * and not kept, so that a key that was put back is used at once.
 *
 * @param id distinguishes keys without disclosing them: the first 8 bytes of an HMAC-SHA256, in hex
 */
record MasterKey(SecretKey key, String id) {
    private static final String ALGORITHM = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int BYTES = 32;
    private static final int ID_BYTES = 8;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] LABEL = "aegis master key id".getBytes(StandardCharsets.US_ASCII);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** The key in a file, or nothing when there is no such file; refuses one that cannot be used. */
    static Optional<MasterKey> read(Path file) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            check(file);
            byte[] bytes = Files.readAllBytes(file);
            try {
                return Optional.of(of(bytes));
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        } catch (IOException obstacle) {
            throw unusable(file, "cannot be read: " + HostError.reason(obstacle), "run chmod 600 on it", obstacle);
        }
    }

    private static void check(Path file) throws IOException {
        PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile() || found.size() != BYTES) {
            String what =
                    found.isRegularFile() ? "has " + found.size() + " bytes, not " + BYTES : "is not a regular file";
            throw unusable(file, what, "restore the key from your backup", null);
        }
        if (found.permissions().stream().anyMatch(right -> !OWNER_ONLY.contains(right))) {
            String rights = PosixFilePermissions.toString(found.permissions());
            throw unusable(file, "can be read by other users (" + rights + ")", "fix it with: chmod 600 " + file, null);
        }
    }

    private static ApiException unusable(Path file, String why, String remedy, @Nullable Exception cause) {
        return ErrorCode.SECRET_UNREADABLE.refusal("the master key " + file + " " + why, remedy, cause);
    }

    /** Makes a new key. Its file is complete and on the disk, or does not exist. */
    static MasterKey make(Path file) {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        try {
            Draft.write(file, out -> out.write(bytes), PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            return of(bytes);
        } catch (IOException obstacle) {
            throw unusable(
                    file, "cannot be made: " + HostError.reason(obstacle), "check disk and permissions", obstacle);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static MasterKey of(byte[] bytes) {
        SecretKey key = new SecretKeySpec(bytes, "AES");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return new MasterKey(key, HexFormat.of().formatHex(mac.doFinal(LABEL), 0, ID_BYTES));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has HmacSHA256", missing);
        }
    }

    /**
     * Encrypts with AES-256-GCM (NIST SP 800-38D) and a new nonce. The name is associated data, so that a value cannot
     * be moved to another name. The result is Base64 of the 96-bit nonce, the ciphertext and the 128-bit tag.
     */
    String seal(String name, String value) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] ciphertext =
                    cipher(Cipher.ENCRYPT_MODE, nonce, name).doFinal(value.getBytes(StandardCharsets.UTF_8));
            ByteBuffer sealed = ByteBuffer.allocate(nonce.length + ciphertext.length);
            return Base64.getEncoder()
                    .encodeToString(sealed.put(nonce).put(ciphertext).array());
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, missing);
        }
    }

    /** Decrypts. What was not sealed with this key and name, or is too short or no Base64, is refused by the JDK. */
    String open(String name, String sealed) throws GeneralSecurityException, IllegalArgumentException {
        byte[] bytes = Base64.getDecoder().decode(sealed);
        byte[] nonce = Arrays.copyOf(bytes, NONCE_BYTES);
        byte[] value = cipher(Cipher.DECRYPT_MODE, nonce, name).doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
        return new String(value, StandardCharsets.UTF_8);
    }

    private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(ALGORITHM);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "MasterKey[" + id + "]";
    }
}
