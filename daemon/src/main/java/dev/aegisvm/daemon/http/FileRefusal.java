package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.files.MalformedTarException;
import dev.aegisvm.daemon.guest.FileFailure;
import java.io.IOException;

/** What clients are told when something with a file of a guest did not work. */
final class FileRefusal {
    private FileRefusal() {}

    /** For a failure of the guest, of its conversation, or of what the client sent. */
    static ApiException of(IOException failure) {
        if (failure instanceof MalformedTarException malformed) {
            return new ApiException(ErrorCode.BAD_REQUEST, String.valueOf(malformed.getMessage()), malformed);
        }
        ErrorCode code = failure instanceof FileFailure file ? code(file.reason()) : ErrorCode.GUEST_FAILED;
        return new ApiException(code, String.valueOf(failure.getMessage()), failure);
    }

    private static ErrorCode code(FileFailure.Reason reason) {
        return switch (reason) {
            case NOT_FOUND -> ErrorCode.FILE_NOT_FOUND;
            case NOT_PERMITTED, DENIED, READ_ONLY -> ErrorCode.FILE_DENIED;
            case EXISTS, NOT_EMPTY -> ErrorCode.FILE_EXISTS;
            case BUSY,
                    OTHER_FILE_SYSTEM,
                    NOT_A_DIRECTORY,
                    IS_A_DIRECTORY,
                    NOT_A_FILE,
                    NAME_TOO_LONG,
                    TOO_MANY_SYMLINKS,
                    UNNAMEABLE,
                    CHANGED,
                    TOO_LARGE_A_TREE -> ErrorCode.FILE_REFUSED;
            case NO_SPACE, OVER_QUOTA -> ErrorCode.GUEST_DISK_FULL;
            case INVALID -> ErrorCode.BAD_REQUEST;
            case CANCELLED, TOO_MANY, WRONG_STATE, TIMED_OUT, SESSION_OVER, OTHER -> ErrorCode.GUEST_FAILED;
        };
    }
}
