package dev.aegisvm.client;

import dev.aegisvm.api.Build;
import java.io.IOException;

/**
 * The answer to a request, its body not read yet.
 *
 * @param body what is left to read
 * @param keepsOpen the daemon does not close the connection after this answer
 * @param build of the daemon; empty when it does not say
 */
record HttpAnswer(int status, BodyStream body, boolean keepsOpen, String build) {
    /** Largest answer that is held in memory, in bytes. */
    private static final int MAX_BODY = 64 * 1024 * 1024;

    static HttpAnswer read(SocketInput input) throws IOException {
        int status = status(input.readLine());
        long length = BodyStream.UNTIL_CLOSE;
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
            length = 0;
        } else if (chunked) {
            length = BodyStream.CHUNKED;
        }
        return new HttpAnswer(status, new BodyStream(input, length), keepsOpen, build);
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
            return Long.parseUnsignedLong(value);
        } catch (NumberFormatException notANumber) {
            throw new DaemonException("the daemon's answer has a content-length of '" + value + "'", notANumber);
        }
    }

    /** Reads the whole body, at most 64 MiB. */
    byte[] bytes() throws IOException {
        byte[] whole = body.readNBytes(MAX_BODY + 1);
        if (whole.length > MAX_BODY) {
            throw new DaemonException("the daemon's answer has more than " + MAX_BODY + " bytes");
        }
        return whole;
    }

    /** The connection can carry another request. */
    boolean reusable() {
        return keepsOpen && body.reusable();
    }
}
