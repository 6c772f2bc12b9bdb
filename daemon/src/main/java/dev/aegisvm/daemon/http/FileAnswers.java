package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.files.TarUnpacker.MalformedTarException;
import dev.aegisvm.daemon.guest.FileFailure;
import dev.aegisvm.daemon.guest.FileStat;

/** What clients are told of files of a guest: what they are, and why something with them did not work. */
final class FileAnswers {
    private FileAnswers() {}

    static FileView view(String name, FileStat stat) {
        return new FileView(
                name,
                stat.kind().name().toLowerCase(Locale.ROOT),
                stat.size(),
                String.format(Locale.ROOT, "%04o", stat.mode()),
                stat.uid(),
                stat.gid(),
                stat.modified(),
                stat.target().orElse(null));
    }

    /** For a failure of the guest, of its conversation, or of what the client sent. */
    static ApiException refusal(IOException failure) {
        if (failure instanceof MalformedTarException malformed) {
            return ErrorCode.BAD_REQUEST.refusal(String.valueOf(malformed.getMessage()), malformed);
        }
        ErrorCode code = failure instanceof FileFailure file ? code(file.reason()) : ErrorCode.GUEST_FAILED;
        return code.refusal(String.valueOf(failure.getMessage()), failure);
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
