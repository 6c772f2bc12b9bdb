package dev.aegisvm.daemon.secrets;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.SecretViews.*;
import dev.aegisvm.daemon.secrets.SecretStore.SealedSecret;
import org.jspecify.annotations.Nullable;

/**
 * All secrets. Their values are read only for the boot of an instance.
 *
 * @param keyFile the master key; created with the first secret
 */
public record SecretVault(SecretStore store, Path keyFile) {
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

    /**
     * Checks the names that an instance asks for, {@code "*"} for all; returns each once. Refuses (400) what is no
     * secret.
     */
    public List<String> known(List<String> wanted) {
        if (wanted.isEmpty()) {
            return List.of();
        }
        Map<String, SealedSecret> all = byName();
        for (String name : wanted) {
            if (!name.equals(SecretName.ALL) && !all.containsKey(new SecretName(name).value())) {
                throw unknown(name);
            }
        }
        return wanted.contains(SecretName.ALL)
                ? List.of(SecretName.ALL)
                : wanted.stream().distinct().toList();
    }

    private static ApiException unknown(String name) {
        return ErrorCode.UNKNOWN_SECRET.refusal(
                "there is no secret '" + name + "'", "set it with 'aegis secret set " + name + "'");
    }

    private Map<String, SealedSecret> byName() {
        Map<String, SealedSecret> all = new TreeMap<>();
        for (SealedSecret secret : store.all()) {
            all.put(secret.name(), secret);
        }
        return all;
    }

    /** The values of {@link #known} secrets, by name, for a boot; throws if one is missing or cannot be decrypted. */
    public Map<String, String> open(List<String> wanted) {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        Map<String, SealedSecret> all = byName();
        Collection<String> names = wanted.contains(SecretName.ALL) ? all.keySet() : wanted;
        for (String name : names) {
            if (!all.containsKey(name)) {
                throw unknown(name);
            }
        }
        Map<String, String> values = new LinkedHashMap<>();
        if (!names.isEmpty()) {
            MasterKey key = MasterKey.read(keyFile).orElseThrow(this::lost);
            all.values().stream()
                    .filter(secret -> names.contains(secret.name()))
                    .forEach(secret -> values.put(secret.name(), open(secret, key)));
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
        } catch (AEADBadTagException altered) {
            throw ErrorCode.SECRET_UNREADABLE.refusal(
                    "the secret '" + name + "' was changed in the registry by another program, and cannot be used",
                    "set it again with 'aegis secret set " + name + "'",
                    altered);
        }
    }
}
