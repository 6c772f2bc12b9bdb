package dev.aegisvm.daemon.secrets;

import java.util.List;

/**
 * Where sealed secrets outlive the daemon. A change is durable when its call returns. Every method throws an {@link
 * dev.aegisvm.api.ApiException} when the store cannot be read or written.
 */
public interface SecretStore {
    /** All of them, by name. */
    List<SealedSecret> all();

    /** Adds one, or replaces what has its name; the time of the first stays. Returns what is stored now. */
    SealedSecret put(SealedSecret secret);

    /** Whether there was one. */
    boolean delete(String name);
}
