package dev.aegisvm.daemon.secrets;

import dev.aegisvm.api.SecretViews.SecretView;
import java.time.Instant;

/**
 * A secret as it is stored.
 *
 * @param createdAt when the name was first set
 * @param keyId which master key it was encrypted under ({@link MasterKey#id})
 * @param sealed what {@link AesGcm#seal} made of the value
 */
public record SealedSecret(String name, Instant createdAt, String keyId, String sealed) {
    SecretView view() {
        return new SecretView(name, createdAt);
    }
}
