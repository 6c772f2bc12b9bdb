package dev.aegisvm.daemon;

import module java.base;

/** HTTP by hand over the daemon's socket, so that a test sees what is really sent. */
final class Http {
    private final Path socket;

    Http(Path socket) {
        this.socket = socket;
    }

    /** An answer that was read to its end. */
    record Answer(int status, String body) {}

    Answer get(String path) throws IOException {
        return send("GET", path, "");
    }

    Answer post(String path, String body) throws IOException {
        return send("POST", path, body);
    }

    Answer delete(String path) throws IOException {
        return send("DELETE", path, "");
    }

    Answer send(String method, String path, String body) throws IOException {
        try (Connection connection = open(method, path, body, "Connection: close\r\n")) {
            return new Answer(connection.status(), connection.rest());
        }
    }

    /** A connection whose answer has begun. */
    Connection open(String method, String path, String body, String headers) throws IOException {
        return new Connection(begin(method, path, body.getBytes(StandardCharsets.UTF_8), headers));
    }

    /** Sends a body of bytes. */
    Answer put(String path, byte[] body) throws IOException {
        try (Connection connection = new Connection(begin("PUT", path, body, "Connection: close\r\n"))) {
            return new Answer(connection.status(), connection.rest());
        }
    }

    /** Sends a request and reads nothing. */
    SocketChannel begin(String method, String path, byte[] body, String headers) throws IOException {
        String length = headers.contains("Content-Length") ? "" : "Content-Length: " + body.length + "\r\n";
        String head = method + " " + path + " HTTP/1.1\r\nHost: aegis\r\n" + headers + length + "\r\n";
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        ByteBuffer start = ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8));
        ByteBuffer rest = ByteBuffer.wrap(body);
        while (start.hasRemaining() || rest.hasRemaining()) {
            channel.write(new ByteBuffer[] {start, rest});
        }
        return channel;
    }

    Connection upgrade(String path, String body) throws IOException {
        return open("POST", path, body, "Connection: Upgrade\r\nUpgrade: aegis-stream\r\n");
    }

    /** One connection. */
    static final class Connection implements AutoCloseable {
        final SocketChannel channel;
        final InputStream in;
        private final int status;
        private boolean chunked;
        private int length = Integer.MAX_VALUE;

        Connection(SocketChannel channel) throws IOException {
            this.channel = channel;
            this.in = new BufferedInputStream(Channels.newInputStream(channel));
            this.status = Integer.parseInt(line().split(" ", -1)[1]);
            for (String header = line(); !header.isEmpty(); header = line()) {
                String lower = header.toLowerCase(Locale.ROOT);
                chunked |= lower.equals("transfer-encoding: chunked");
                if (lower.startsWith("content-length: ")) {
                    length = Integer.parseInt(lower.substring("content-length: ".length()));
                }
            }
        }

        int status() {
            return status;
        }

        /** The next line of a body that comes in chunks of whole lines. */
        String chunk() throws IOException {
            int length = Integer.parseInt(line(), 16);
            String text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            line();
            return text;
        }

        String rest() throws IOException {
            if (!chunked) {
                // No further: where what we sent was not read, the connection ends by a reset.
                return new String(in.readNBytes(length), StandardCharsets.UTF_8);
            }
            StringBuilder all = new StringBuilder();
            for (String next = chunk(); !next.isEmpty(); next = chunk()) {
                all.append(next);
            }
            return all.toString();
        }

        /** The bytes of a body that comes in chunks, as far as they come. */
        byte[] bytes() throws IOException {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (String size = line(); size.matches("[0-9a-f]+") && !size.equals("0"); size = line()) {
                all.write(in.readNBytes(Integer.parseInt(size, 16)));
                line();
            }
            return all.toByteArray();
        }

        private String line() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
                if (next != '\r') {
                    bytes.write(next);
                }
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
