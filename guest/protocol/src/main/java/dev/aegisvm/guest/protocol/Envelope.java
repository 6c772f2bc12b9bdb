package dev.aegisvm.guest.protocol;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** A JSON-RPC 2.0 message from the guest: an answer has an id and a result or an error, a notification has a method. */
@Json
record Envelope(
        @Nullable String jsonrpc,
        @Nullable Long id,
        @Nullable String method,
        @Json.Raw @Nullable String params,
        @Json.Raw @Nullable String result,
        @Nullable Failure error) {

    /** Why a call failed. */
    @Json
    record Failure(
            int code, @Nullable String message, @Nullable Detail data) {
        private static final int LONGEST = 1000;

        CallFailed exception(String method) {
            int errno = data == null || data.errno() == null ? 0 : data.errno();
            return new CallFailed(code, method + ": " + printable(message == null ? "" : message), errno);
        }

        /** The guest's words end up on terminals and in logs: short, and without control characters. */
        private static String printable(String text) {
            String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
            return cut.replaceAll("\\p{Cntrl}", "?");
        }
    }

    /** What the system said. */
    @Json
    record Detail(@Nullable Integer errno) {}
}
