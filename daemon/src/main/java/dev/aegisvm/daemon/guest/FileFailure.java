package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.guest.protocol.CallFailed;
import org.jspecify.annotations.Nullable;

/** A failure of work with a file of the guest. */
public final class FileFailure extends IOException {
    private final Reason reason;

    private FileFailure(Reason reason, String message, @Nullable IOException cause) {
        // A path may be the guest's choice, and the message ends up on a terminal.
        super(message.replaceAll("\\p{Cntrl}", "?"), cause);
        this.reason = reason;
    }

    static FileFailure of(String wish, CallFailed cause) {
        Reason reason = Reason.of(cause);
        String said = String.valueOf(cause.getMessage()).replaceFirst("^file_unpack: ", "");
        String why = reason.text.isEmpty() ? said : reason.text;
        return cannot(wish, reason, cause.path() == null ? why : cause.path() + ": " + why, cause);
    }

    static FileFailure brokeOff(String wish, IOException cause) {
        return cannot(wish, Reason.OTHER, "it was interrupted: " + cause.getMessage(), cause);
    }

    static FileFailure tooLarge(String wish) {
        return cannot(wish, Reason.TOO_LARGE_A_TREE, Reason.TOO_LARGE_A_TREE.text, null);
    }

    private static FileFailure cannot(String wish, Reason reason, String why, @Nullable IOException cause) {
        return new FileFailure(reason, "cannot " + wish + " in the guest: " + why, cause);
    }

    /** The guest says what cannot be. */
    static FileFailure nonsense(String what) {
        return new FileFailure(Reason.OTHER, "the guest sent invalid data about a file: " + what, null);
    }

    public Reason reason() {
        return reason;
    }

    /** What stood in the way: by its errno, and where that tells nothing by the code of the call, so in this order. */
    public enum Reason {
        NOT_PERMITTED(1, ErrorCode.FILE_DENIED, "not permitted"),
        NOT_FOUND(2, ErrorCode.FILE_NOT_FOUND, "no such file or directory"),
        DENIED(13, ErrorCode.FILE_DENIED, "permission denied"),
        BUSY(16, ErrorCode.FILE_REFUSED, "it is in use, for example as a mount point"),
        EXISTS(17, ErrorCode.FILE_EXISTS, "it already exists"),
        OTHER_FILE_SYSTEM(18, ErrorCode.FILE_REFUSED, "it cannot be moved to another file system; copy it instead"),
        NOT_A_DIRECTORY(20, ErrorCode.FILE_REFUSED, "not a directory"),
        IS_A_DIRECTORY(21, ErrorCode.FILE_REFUSED, "it is a directory"),
        NOT_A_FILE(22, ErrorCode.FILE_REFUSED, "neither a file nor a directory"),
        NO_SPACE(28, ErrorCode.GUEST_DISK_FULL, "no space left on the guest's disk"),
        READ_ONLY(30, ErrorCode.FILE_DENIED, "the file system is read-only"),
        NAME_TOO_LONG(36, ErrorCode.FILE_REFUSED, "the path is too long"),
        NOT_EMPTY(39, ErrorCode.FILE_EXISTS, "the directory is not empty"),
        TOO_MANY_SYMLINKS(40, ErrorCode.FILE_REFUSED, "too many symlinks, or too deep a tree"),
        /** What it was sent. */
        MALFORMED(74, ErrorCode.BAD_REQUEST, ""),
        CHANGED(116, ErrorCode.FILE_REFUSED, "it became shorter while it was read; try again"),
        OVER_QUOTA(122, ErrorCode.GUEST_DISK_FULL, "the disk quota is exceeded"),
        CANCELLED(125, ErrorCode.GUEST_FAILED, "it was cancelled"),
        TOO_LARGE_A_TREE(0, ErrorCode.FILE_REFUSED, "its directories contain too many names; copy a part of it"),
        OLDER_HARNESS(
                CallFailed.UNKNOWN_METHOD,
                ErrorCode.GUEST_FAILED,
                "it runs from memory that an older version has saved; stop and start the instance"),
        /** The guest has no such user, or did not understand the path: JSON-RPC's invalid parameters. */
        INVALID(-32602, ErrorCode.BAD_REQUEST, ""),
        TOO_MANY(CallFailed.TOO_MANY, ErrorCode.GUEST_FAILED, "too many file operations are running; try again"),
        WRONG_STATE(CallFailed.WRONG_STATE, ErrorCode.GUEST_FAILED, ""),
        TIMED_OUT(CallFailed.TIMED_OUT, ErrorCode.GUEST_FAILED, "the guest did not answer in time"),
        SESSION_OVER(CallFailed.SESSION_OVER, ErrorCode.GUEST_FAILED, ""),
        OTHER(0, ErrorCode.GUEST_FAILED, "");

        /** An errno, which is above 0, or a code, which is below; 0: neither. */
        private final int number;

        private final ErrorCode code;
        private final String text;

        Reason(int number, ErrorCode code, String text) {
            this.number = number;
            this.code = code;
            this.text = text;
        }

        public ErrorCode code() {
            return code;
        }

        private static Reason of(CallFailed failure) {
            return Arrays.stream(values())
                    .filter(reason -> reason.number != 0)
                    .filter(reason -> reason.number == (reason.number > 0 ? failure.errno() : failure.code()))
                    .findFirst()
                    .orElse(OTHER);
        }
    }
}
