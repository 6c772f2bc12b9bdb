package dev.aegisvm.daemon.secrets;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.SecretViews.*;
import org.jspecify.annotations.Nullable;

/** All secrets. Values are read only for the boot of an instance. The first secret makes the master key's file. */
public final class SecretVault {
    private final Store store;
    private final Path keyFile;

    public SecretVault(Store store, Path keyFile) {
        this.store = store;
        this.keyFile = keyFile;
    }

    /** Stores a secret, replacing one of that name; refuses (400) a value that is empty, too long or no variable's. */
    public synchronized SecretView put(SecretName name, @Nullable String value) {
        check(value);
        MasterKey key = MasterKey.read(keyFile).orElseGet(this::firstKey);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        String sealed = key.seal(name.value(), String.valueOf(value));
        return store.put(new SealedSecret(name.value(), now, key.id(), sealed)).view();
    }

    private static void check(@Nullable String value) {
        if (value == null || value.isEmpty()) {
            throw ErrorCode.BAD_REQUEST.refusal("a secret's value must not be empty", "to remove a secret, delete it");
        }
        if (value.indexOf('\0') >= 0) {
            throw ErrorCode.BAD_REQUEST.refusal("a secret's value must not contain a NUL character");
        }
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > SecretValue.MAX_BYTES) {
            throw ErrorCode.TOO_LARGE.refusal(
                    "a secret's value must be at most " + SecretValue.MAX_BYTES + " bytes, not " + bytes,
                    "put it in a file in the workspace instead");
        }
    }

    /** Creates the key for the first secret; refuses when there are secrets, since their key was lost. */
    private MasterKey firstKey() {
        if (!store.all().isEmpty()) {
            throw lost();
        }
        return MasterKey.make(keyFile);
    }

    private ApiException lost() {
        return ErrorCode.SECRET_UNREADABLE.refusal(
                "the master key " + keyFile + " is missing, but secrets are encrypted with it",
                "restore it, or delete all secrets and set them again with a new key");
    }

    public List<SecretView> list() {
        return store.all().stream().map(SealedSecret::view).toList();
    }

    /** Removes a secret, or refuses (404) when there is none; instances that run keep what they have of it. */
    public void delete(SecretName name) {
        if (!store.delete(name.value())) {
            throw ErrorCode.NOT_FOUND.refusal(
                    "there is no secret '" + name + "'", "'aegis secret list' lists the secrets");
        }
    }

    /** Checks the names that an instance asks for, {@code "*"} for all; returns each once, or refuses (400). */
    public List<String> known(List<String> wanted) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        Map<String, SealedSecret> all = byName();
        wanted.stream()
                .filter(name -> !name.equals(SecretName.ALL))
                .forEach(name -> find(all, new SecretName(name).value()));
        return wanted.contains(SecretName.ALL)
                ? List.of(SecretName.ALL)
                : wanted.stream().distinct().toList();
    }

    private Map<String, SealedSecret> byName() {
        return store.all().stream().collect(Collectors.toMap(SealedSecret::name, secret -> secret));
    }

    private static SealedSecret find(Map<String, SealedSecret> all, String name) {
        return Optional.ofNullable(all.get(name))
                .orElseThrow(() -> ErrorCode.UNKNOWN_SECRET.refusal(
                        "there is no secret '" + name + "'", "set it with 'aegis secret set " + name + "'"));
    }

    /** The values of {@link #known} secrets, by name, for a boot; throws if one is missing or cannot be decrypted. */
    public Map<String, String> open(List<String> wanted) {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        Map<String, SealedSecret> all = byName();
        Collection<String> names = wanted.contains(SecretName.ALL) ? all.keySet() : wanted;
        List<SealedSecret> secrets = names.stream().map(name -> find(all, name)).toList();
        Map<String, String> values = new HashMap<>();
        if (!secrets.isEmpty()) {
            MasterKey key = MasterKey.read(keyFile).orElseThrow(this::lost);
            secrets.forEach(secret -> values.put(secret.name(), open(secret, key)));
        }
        return values;
    }

    private String open(SealedSecret secret, MasterKey key) {
        String name = secret.name();
        if (!secret.keyId().equals(key.id())) {
            throw ErrorCode.SECRET_UNREADABLE.refusal(
                    "the secret '" + name + "' was encrypted with another master key than " + keyFile,
                    "restore that key, or set the secret again with 'aegis secret set " + name + "'");
        }
        try {
            return key.open(name, secret.sealed());
        } catch (GeneralSecurityException | IllegalArgumentException altered) {
            throw ErrorCode.SECRET_UNREADABLE.refusal(
                    "the secret '" + name + "' was changed in the registry by another program, and cannot be used",
                    "set it again with 'aegis secret set " + name + "'",
                    altered);
        }
    }

    /** Stores sealed secrets, each change durably; throws {@link ApiException} when it cannot be read or written. */
    public interface Store {
        List<SealedSecret> all();

        /** Adds a secret, or replaces the one of that name but for its time of creation. Returns what is stored now. */
        SealedSecret put(SealedSecret secret);

        /** Whether there was one. */
        boolean delete(String name);
    }

    /**
     * A secret as it is stored.
     *
     * @param createdAt when the name was first set
     * @param keyId the master key that encrypted it
     */
    public record SealedSecret(String name, Instant createdAt, String keyId, String sealed) {
        SecretView view() {
            return new SecretView(name, createdAt);
        }
    }
}
