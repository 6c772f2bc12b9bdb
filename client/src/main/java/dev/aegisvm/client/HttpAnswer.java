package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.Build;

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
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = input.readLine(); !line.isEmpty(); line = input.readLine()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new DaemonException("the daemon's answer has a header without a colon");
            }
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        boolean keepsOpen = !"close".equalsIgnoreCase(headers.get("connection"));
        BodyStream body = new BodyStream(input, status < 200 || status == 204 ? 0 : length(headers));
        return new HttpAnswer(status, body, keepsOpen, headers.getOrDefault(Build.HEADER, ""));
    }

    private static int status(String line) throws IOException {
        if (line.startsWith("HTTP/1.") && line.length() >= 12) {
            try {
                return Integer.parseInt(line, 9, 12, 10);
            } catch (NumberFormatException notANumber) {
                throw new DaemonException("the program on the socket is not aegisd: '" + line + "'", notANumber);
            }
        }
        throw new DaemonException("the program on the socket is not aegisd: its answer is not HTTP");
    }

    private static long length(Map<String, String> headers) throws IOException {
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            return BodyStream.CHUNKED;
        }
        String value = headers.get("content-length");
        try {
            return value == null ? BodyStream.UNTIL_CLOSE : Long.parseUnsignedLong(value);
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
