package dev.aegisvm.guest.protocol;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A call that the guest refused, did not answer in time, or that the session's end cut off. */
public final class CallFailed extends IOException {
    /** The guest's harness is of an earlier version. */
    public static final int UNKNOWN_METHOD = -32601;

    /** Not now, such as a second process of the same name. */
    public static final int WRONG_STATE = -32004;

    /** Too many of something are open already. */
    public static final int TOO_MANY = -32006;

    /** No answer in time; not a code of the wire. */
    public static final int TIMED_OUT = -32091;

    /** The session ended before the answer; not a code of the wire. */
    public static final int SESSION_OVER = -32092;

    private final int code;
    private final int errno;
    private final @Nullable String path;

    /** A failure that the guest has no part in. */
    public CallFailed(int code, String message) {
        this(code, message, 0, null, null);
    }

    CallFailed(int code, String message, int errno, @Nullable String path, @Nullable Exception cause) {
        super(message, cause);
        this.code = code;
        this.errno = errno;
        this.path = path;
    }

    static CallFailed sessionOver(IOException cause) {
        return new CallFailed(SESSION_OVER, "the guest session is over: " + cause.getMessage(), 0, null, cause);
    }

    /** The JSON-RPC error code, or one of the constants above. */
    public int code() {
        return code;
    }

    /** The guest's errno, 0 when it named none. */
    public int errno() {
        return errno;
    }

    /** Which of several files the guest says it is about; null when it named none. */
    public @Nullable String path() {
        return path;
    }
}
