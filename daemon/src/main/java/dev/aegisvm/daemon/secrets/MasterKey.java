package dev.aegisvm.daemon.secrets;

import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key under which all secrets are encrypted: 32 random bytes in a file that its owner alone can read. It is read for
 * each use and not kept, so that a key that was put back counts at once.
 *
 * @param id tells one key from another and nothing of either: the first 8 bytes of an HMAC-SHA256, in hex
 */
record MasterKey(SecretKey key, String id) {
    private static final int BYTES = 32;
    private static final int ID_BYTES = 8;
    private static final byte[] LABEL = "aegis master key id".getBytes(StandardCharsets.US_ASCII);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /**
     * The key in a file, or nothing when there is no such file.
     *
     * @throws ApiException when the file cannot be used
     */
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
            throw unusable(
                    file, "cannot be read: " + obstacle.getMessage(), "make it readable for you alone", obstacle);
        }
    }

    /** Others must never have been able to read it, and what is no key must not be taken for one. */
    private static void check(Path file) throws IOException {
        PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile() || found.size() != BYTES) {
            String what = found.isRegularFile() ? "has " + found.size() + " bytes, not " + BYTES : "is no regular file";
            throw unusable(file, what, "put the key back from where you keep a copy", null);
        }
        if (found.permissions().stream().anyMatch(right -> !OWNER_ONLY.contains(right))) {
            String rights = PosixFilePermissions.toString(found.permissions());
            throw unusable(file, "is open to others (" + rights + ")", "close it with: chmod 600 " + file, null);
        }
    }

    private static ApiException unusable(Path file, String why, String remedy, @Nullable Exception cause) {
        ErrorCode code = ErrorCode.SECRET_UNREADABLE;
        return new ApiException(code.status(), ApiError.of(code, "the master key " + file + " " + why, remedy), cause);
    }

    /** Makes a new key; the file is there whole, and on the disk, or not at all. */
    static MasterKey make(Path file) {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(unfinished);
            try (FileChannel out = FileChannel.open(
                    unfinished,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
                directory.force(true);
            }
            return of(bytes);
        } catch (IOException obstacle) {
            throw unusable(file, "cannot be made: " + obstacle.getMessage(), "make room or rights for it", obstacle);
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

    /** Says nothing of the key. */
    @Override
    public String toString() {
        return "MasterKey[" + id + "]";
    }
}
