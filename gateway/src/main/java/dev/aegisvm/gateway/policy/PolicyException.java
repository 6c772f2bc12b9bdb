package dev.aegisvm.gateway.policy;

import org.jspecify.annotations.Nullable;

/** A rule or a policy is not written as one is. The message is for the user, and says what to write. */
public final class PolicyException extends IllegalArgumentException {
    public PolicyException(String message) {
        this(message, null);
    }

    public PolicyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
