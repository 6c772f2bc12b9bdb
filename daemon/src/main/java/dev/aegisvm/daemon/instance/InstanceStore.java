package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.host.ProcessIdentity;
import org.jspecify.annotations.Nullable;

/** Where the records of instances outlive the daemon. Every other change is durable when its call returns. */
public interface InstanceStore {
    /** Every record that can be read; one that cannot be is told in the log and left alone. */
    List<InstanceRecord> all() throws StoreException;

    /** The ids of all records, readable or not: files of other ids can be deleted. */
    Set<String> ids() throws StoreException;

    /**
     * Adds a record before later changes; the future completes when it is durable, or with a {@link StoreException}.
     */
    CompletableFuture<Void> insert(InstanceRecord record);

    /** Writes all that is known of an instance, in place of what was. */
    void update(InstanceRecord record) throws StoreException;

    /** Notes the process of an instance's VM, and nothing else of it. */
    void noteVm(String id, ProcessIdentity process) throws StoreException;

    void delete(String id) throws StoreException;

    /** A record could not be read or written; the message says which and why. */
    class StoreException extends Exception {
        private final ErrorCode code;
        private final @Nullable String hint;

        public StoreException(String message, @Nullable Throwable cause) {
            this(message, ErrorCode.INTERNAL, null, cause);
        }

        private StoreException(String message, ErrorCode code, @Nullable String hint, @Nullable Throwable cause) {
            super(message, cause);
            this.code = code;
            this.hint = hint;
        }

        public static StoreException full(String what, Path file, Throwable cause) {
            return new StoreException(
                    what + ": the host's disk is full",
                    ErrorCode.HOST_DISK_FULL,
                    "free some space (df -h " + file + "), then try again",
                    cause);
        }

        /** What the client is told. */
        public ApiException refusal() {
            return code.refusal(String.valueOf(getMessage()), hint, this);
        }
    }
}
