package dev.aegisvm.daemon.secrets;

import module java.base;
import dev.aegisvm.api.SecretViews.SecretView;

/**
 * Stores sealed secrets. A change is durable when its call returns. Every method throws an {@link
 * dev.aegisvm.api.ApiException} when the store cannot be read or written.
 */
public interface SecretStore {
    /** All of them, by name. */
    List<SealedSecret> all();

    /** Adds a secret, or replaces the one of that name but for its time of creation. Returns what is stored now. */
    SealedSecret put(SealedSecret secret);

    /** Whether there was one. */
    boolean delete(String name);

    /**
     * A secret as it is stored.
     *
     * @param createdAt when the name was first set
     * @param keyId the master key that encrypted it ({@link MasterKey#id})
     * @param sealed the value, sealed by {@link MasterKey#seal}
     */
    public record SealedSecret(String name, Instant createdAt, String keyId, String sealed) {
        SecretView view() {
            return new SecretView(name, createdAt);
        }
    }
}
