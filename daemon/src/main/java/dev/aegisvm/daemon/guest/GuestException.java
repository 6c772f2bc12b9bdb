package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.CallFailed;

/** The guest refused a call, did not answer in time, or its session ended. */
public final class GuestException extends IOException {
    private final Reason reason;
    private final int errno;

    GuestException(CallFailed cause) {
        super(cause.getMessage(), cause);
        this.reason = Reason.of(cause.code());
        this.errno = cause.errno();
    }

    public Reason reason() {
        return reason;
    }

    public OptionalInt errno() {
        return errno == 0 ? OptionalInt.empty() : OptionalInt.of(errno);
    }

    public enum Reason {
        /** The program does not exist: a shell's 127. */
        COMMAND_NOT_FOUND(-32001),
        /** The program is not executable: a shell's 126. */
        NOT_EXECUTABLE(-32002),
        NO_SUCH_PROCESS(-32003),
        WRONG_STATE(CallFailed.WRONG_STATE),
        SYSTEM(-32005),
        TOO_MANY(CallFailed.TOO_MANY),
        /** The guest did not understand the call. */
        NOT_UNDERSTOOD(-32600),
        /** No answer within the call's time limit. Whether the guest did it is unknown. */
        TIMED_OUT(CallFailed.TIMED_OUT),
        SESSION_OVER(CallFailed.SESSION_OVER);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        static Reason of(int code) {
            return Arrays.stream(values())
                    .filter(reason -> reason.code == code)
                    .findFirst()
                    .orElse(NOT_UNDERSTOOD);
        }
    }
}
