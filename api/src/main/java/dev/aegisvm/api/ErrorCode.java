package dev.aegisvm.api;

/** Why a request was refused: the stable word that programs may compare, and the HTTP status it comes with. */
public enum ErrorCode {
    BAD_REQUEST(400, "bad_request"),
    UNKNOWN_FIELD(400, "unknown_field"),
    /** An instance was to be given a secret that there is not; the sentence names it. */
    UNKNOWN_SECRET(400, "unknown_secret"),
    NOT_FOUND(404, "not_found"),
    METHOD_NOT_ALLOWED(405, "method_not_allowed"),
    /** The handle belongs to an instance that is not stopped. */
    HANDLE_IN_USE(409, "handle_in_use"),
    /** The instance is in a state in which this cannot be done; the sentence names the state. */
    WRONG_STATE(409, "wrong_state"),
    DISABLED(409, "disabled"),
    /** The backend cannot do this to any VM; the sentence names what it lacks. */
    UNSUPPORTED(501, "unsupported"),
    /** A port of the host belongs to another instance or another program, or may not be used. */
    PORT_IN_USE(409, "port_in_use"),
    TOO_LARGE(413, "too_large"),
    /** There is no such image, neither here nor in its registry. */
    IMAGE_NOT_FOUND(404, "image_not_found"),
    /** The registry does not let us read it. */
    IMAGE_UNAUTHORIZED(403, "image_unauthorized"),
    /** The registry does not answer, or not as a registry. */
    REGISTRY_UNREACHABLE(502, "registry_unreachable"),
    /** The image is not what its digests say, or not what an image may be. */
    IMAGE_BROKEN(422, "image_broken"),
    /** The image is beyond a limit. */
    IMAGE_TOO_LARGE(422, "image_too_large"),
    /** There is none for this host's processor. */
    IMAGE_WRONG_PLATFORM(422, "image_wrong_platform"),
    /** An instance needs it. */
    IMAGE_IN_USE(409, "image_in_use"),
    /** The cache's file system is in the way. */
    IMAGE_STORAGE(500, "image_storage"),
    /** The guest has no such program; a shell would answer 127. */
    COMMAND_NOT_FOUND(422, "command_not_found"),
    /** The guest has it, but cannot execute it; a shell would answer 126. */
    COMMAND_NOT_EXECUTABLE(422, "command_not_executable"),
    /** The guest has no such file or directory. */
    FILE_NOT_FOUND(404, "file_not_found"),
    /** The guest does not let this user do that. */
    FILE_DENIED(403, "file_denied"),
    /** There is something in the guest already, where something new would have to be. */
    FILE_EXISTS(409, "file_exists"),
    /** It is not the kind of file, or not in the place, that this can be done to. */
    FILE_REFUSED(422, "file_refused"),
    /** The guest's own disk has no room. */
    GUEST_DISK_FULL(507, "guest_disk_full"),
    INTERNAL(500, "internal"),
    /** A stored secret cannot be decrypted, or the master key not be used; the sentence says why. */
    SECRET_UNREADABLE(500, "secret_unreadable"),
    /** The VM did not come up; the sentence says at which step and why. */
    BOOT_FAILED(500, "boot_failed"),
    /** The guest refused or broke off the conversation. */
    GUEST_FAILED(502, "guest_failed"),
    /** The host has too little memory left to start another VM; the sentence has the numbers. */
    HOST_MEMORY_LOW(503, "host_memory_low"),
    /** The host's disk has no room for what had to be written. */
    HOST_DISK_FULL(507, "host_disk_full"),
    SHUTTING_DOWN(503, "shutting_down");

    private final int status;
    private final String wire;

    ErrorCode(int status, String wire) {
        this.status = status;
        this.wire = wire;
    }

    /** The HTTP status, 400..599. */
    public int status() {
        return status;
    }

    /** The word in the field {@code code}. */
    public String wire() {
        return wire;
    }
}
