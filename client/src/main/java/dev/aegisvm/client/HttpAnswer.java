package dev.aegisvm.client;

import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.Build;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * The answer to a request, its body not read yet.
 *
 * @param status the HTTP status
 * @param body what is left to read
 * @param keepsOpen the daemon does not close the connection after this answer
 * @param build of the daemon; empty when it does not say
 */
record HttpAnswer(int status, BodyStream body, boolean keepsOpen, String build) {
    /** Largest answer that is held in memory, in bytes. */
    private static final int MAX_BODY = 64 * 1024 * 1024;

    static HttpAnswer read(SocketInput input) throws IOException {
        int status = status(input.readLine());
        long length = -1;
        boolean chunked = false;
        boolean keepsOpen = true;
        String build = "";
        for (String line = input.readLine(); !line.isEmpty(); line = input.readLine()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new DaemonException("the daemon's answer has a header without a colon");
            }
            String name = line.substring(0, colon);
            String value = line.substring(colon + 1).strip();
            if (name.equalsIgnoreCase("content-length")) {
                length = length(value);
            } else if (name.equalsIgnoreCase("transfer-encoding")) {
                chunked = value.equalsIgnoreCase("chunked");
            } else if (name.equalsIgnoreCase("connection")) {
                keepsOpen = !value.equalsIgnoreCase("close");
            } else if (name.equalsIgnoreCase(Build.HEADER)) {
                build = value;
            }
        }
        if (status < 200 || status == 204) {
            return new HttpAnswer(status, BodyStream.ofLength(input, 0), keepsOpen, build);
        }
        if (chunked) {
            return new HttpAnswer(status, BodyStream.ofChunks(input), keepsOpen, build);
        }
        BodyStream body = length < 0 ? BodyStream.untilClose(input) : BodyStream.ofLength(input, length);
        return new HttpAnswer(status, body, keepsOpen, build);
    }

    private static int status(String line) throws IOException {
        if (line.startsWith("HTTP/1.") && line.length() >= 12) {
            try {
                return Integer.parseInt(line, 9, 12, 10);
            } catch (NumberFormatException notANumber) {
                throw new DaemonException("what answers on the socket is no aegisd: '" + line + "'", notANumber);
            }
        }
        throw new DaemonException("what answers on the socket is no aegisd: it speaks no HTTP");
    }

    private static long length(String value) throws IOException {
        try {
            long length = Long.parseLong(value);
            if (length >= 0) {
                return length;
            }
        } catch (NumberFormatException notANumber) {
            throw new DaemonException("the daemon's answer has a content-length of '" + value + "'", notANumber);
        }
        throw new DaemonException("the daemon's answer has a content-length of '" + value + "'");
    }

    /** Reads the whole body, at most 64 MiB. */
    byte[] bytes() throws IOException {
        byte[] part = new byte[8192];
        int taken = body.read(part, 0, part.length);
        if (taken < 0) {
            return new byte[0];
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream(Math.max(taken, 512));
        while (taken >= 0) {
            if (whole.size() + taken > MAX_BODY) {
                throw new DaemonException("the daemon's answer has more than " + MAX_BODY + " bytes");
            }
            whole.write(part, 0, taken);
            taken = body.read(part, 0, part.length);
        }
        return whole.toByteArray();
    }

    /** The connection can carry another request. */
    boolean reusable() {
        return keepsOpen && body.reusable();
    }

    /** What the body of a refusal says. */
    static ApiError error(int status, byte[] body) {
        String unexplained = "the daemon answered with status " + status + " and did not say why";
        try {
            ApiError error = ApiJson.answer(ApiError.class, body);
            return error.error() == null ? new ApiError(unexplained, "internal", null, null) : error;
        } catch (RuntimeException noApiError) {
            return new ApiError(unexplained, "internal", null, null);
        }
    }
}
