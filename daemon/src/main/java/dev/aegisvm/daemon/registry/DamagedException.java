package dev.aegisvm.daemon.registry;

import dev.aegisvm.daemon.instance.InstanceStore.StoreException;
import org.jspecify.annotations.Nullable;

/** The file is there, and is not the registry that was written: what it said is lost, wholly or in part. */
public final class DamagedException extends StoreException {
    private static final long serialVersionUID = 1L;

    /** @param damage what is wrong, to follow "the registry … is damaged:" */
    public DamagedException(String damage, @Nullable Throwable cause) {
        super(damage, cause);
    }
}
