package dev.aegisvm.e2e;

import module java.base;

/** Plain HTTP over the daemon's socket, so that a test sees status, content type and body unchanged. */
final class ApiCaller {
    private final Path socket;

    ApiCaller(Path socket) {
        this.socket = socket;
    }

    /**
     * A whole answer; after an upgrade, everything until the connection ends.
     *
     * @param contentType empty where it has none
     */
    record Answer(int status, String contentType, ByteBuffer body) {
        byte[] bytes() {
            byte[] bytes = new byte[body.remaining()];
            body.duplicate().get(bytes);
            return bytes;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Sends a request.
     *
     * @param beginning reads no more of the answer's body than comes at first
     */
    Answer send(String method, String target, Map<String, String> headers, byte[] body, boolean beginning)
            throws IOException {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: aegisd\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer start = ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.UTF_8));
            ByteBuffer rest = ByteBuffer.wrap(body);
            while (start.hasRemaining() || rest.hasRemaining()) {
                channel.write(new ByteBuffer[] {start, rest});
            }
            return read(new BufferedInputStream(Channels.newInputStream(channel)), beginning);
        }
    }

    private static Answer read(InputStream in, boolean beginning) throws IOException {
        int status = Integer.parseInt(line(in).split(" ", -1)[1]);
        String type = "";
        boolean chunked = false;
        int length = Integer.MAX_VALUE;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            String name = header.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = header.substring(colon + 1).strip();
            type = name.equals("content-type") ? value : type;
            length = name.equals("content-length") ? Integer.parseInt(value) : length;
            chunked |= name.equals("transfer-encoding") && value.equals("chunked");
        }
        if (chunked) {
            return new Answer(status, type, ByteBuffer.wrap(chunks(in, beginning)));
        }
        return new Answer(status, type, ByteBuffer.wrap(in.readNBytes(length)));
    }

    private static byte[] chunks(InputStream in, boolean beginning) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int size = Integer.parseInt(line(in), 16);
        while (size > 0) {
            all.write(in.readNBytes(size));
            line(in);
            size = beginning ? 0 : Integer.parseInt(line(in), 16);
        }
        return all.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (next != '\r') {
                bytes.write(next);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
