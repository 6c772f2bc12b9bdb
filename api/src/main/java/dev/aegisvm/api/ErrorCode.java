package dev.aegisvm.api;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a request was refused: the stable word that programs may compare, and the HTTP status it comes with. */
public enum ErrorCode {
    BAD_REQUEST(400),
    UNKNOWN_FIELD(400),
    /** An instance was to be given a secret that there is not; the sentence names it. */
    UNKNOWN_SECRET(400),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    /** The handle belongs to an instance that is not stopped. */
    HANDLE_IN_USE(409),
    /** The instance is in a state in which this cannot be done; the sentence names the state. */
    WRONG_STATE(409),
    DISABLED(409),
    /** The instance has a directory of the host, which cannot be in a copy. */
    WORKSPACE_SHARED(409),
    /** Values of secrets are in the memory that was to be saved. */
    SECRET_IN_MEMORY(409),
    /** The VM could not be saved; the sentence says why. */
    SNAPSHOT_FAILED(500),
    /** All snapshots would take more than they may; the sentence has the numbers. */
    SNAPSHOTS_FULL(507),
    /** The backend cannot do this to any VM; the sentence names what it lacks. */
    UNSUPPORTED(501),
    /** A port of the host belongs to another instance or another program, or may not be used. */
    PORT_IN_USE(409),
    TOO_LARGE(413),
    /** There is no such image, neither here nor in its registry. */
    IMAGE_NOT_FOUND(404),
    /** The registry does not let us read it. */
    IMAGE_UNAUTHORIZED(403),
    /** The registry does not answer, or not as a registry. */
    REGISTRY_UNREACHABLE(502),
    /** The image is not what its digests say, or not what an image may be. */
    IMAGE_BROKEN(422),
    IMAGE_TOO_LARGE(422),
    /** There is none for this host's processor. */
    IMAGE_WRONG_PLATFORM(422),
    /** An instance needs it. */
    IMAGE_IN_USE(409),
    /** The cache's file system is in the way. */
    IMAGE_STORAGE(500),
    /** The guest has no such program; a shell would answer 127. */
    COMMAND_NOT_FOUND(422, 127),
    /** The guest has it, but cannot execute it; a shell would answer 126. */
    COMMAND_NOT_EXECUTABLE(422, 126),
    FILE_NOT_FOUND(404),
    /** The guest does not let this user do that. */
    FILE_DENIED(403),
    /** There is something in the guest already, where something new would have to be. */
    FILE_EXISTS(409),
    /** It is not the kind of file, or not in the place, that this can be done to. */
    FILE_REFUSED(422),
    GUEST_DISK_FULL(507),
    INTERNAL(500),
    /** A stored secret cannot be decrypted, or the master key not be used; the sentence says why. */
    SECRET_UNREADABLE(500, 125),
    /** The VM did not come up; the sentence says at which step and why. */
    BOOT_FAILED(500, 125),
    /** The guest refused or broke off the conversation. */
    GUEST_FAILED(502, 125),
    /** The host has too little memory left to start another VM; the sentence has the numbers. */
    HOST_MEMORY_LOW(503, 125),
    /** The host's disk has no room for what had to be written. */
    HOST_DISK_FULL(507, 125),
    SHUTTING_DOWN(503);

    private final int status;
    /** What a command line exits with where the failure concerns a process. */
    private final @Nullable Integer exitCode;

    ErrorCode(int status) {
        this(status, null);
    }

    ErrorCode(int status, @Nullable Integer exitCode) {
        this.status = status;
        this.exitCode = exitCode;
    }

    /** The HTTP status, 400..599. */
    public int status() {
        return status;
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The body of a refusal for this reason, which a sentence tells. */
    public ApiError error(String sentence) {
        return error(sentence, null);
    }

    /** The same, with what to do next. */
    public ApiError error(String sentence, @Nullable String hint) {
        return new ApiError(sentence, wire(), hint, exitCode, null);
    }

    /** What is thrown to refuse a request for this reason, which a sentence tells. */
    public ApiException refusal(String sentence) {
        return refusal(sentence, null, null);
    }

    /** The same, with what to do next. */
    public ApiException refusal(String sentence, String hint) {
        return refusal(sentence, hint, null);
    }

    public ApiException refusal(String sentence, @Nullable Throwable cause) {
        return refusal(sentence, null, cause);
    }

    public ApiException refusal(String sentence, @Nullable String hint, @Nullable Throwable cause) {
        return new ApiException(status, error(sentence, hint), cause);
    }
}
