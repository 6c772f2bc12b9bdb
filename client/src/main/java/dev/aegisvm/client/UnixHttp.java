package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonException.NotRunning;
import dev.aegisvm.client.HttpAnswer.Input;

/**
 * One HTTP/1.1 connection over a unix socket: one request at a time, blocking, and no more of HTTP than the daemon
 * speaks. A general client would take longer to load than the whole command that uses it.
 */
final class UnixHttp implements Closeable {
    /** What the kernel takes as a socket's path, in bytes. */
    private static final int MAX_PATH = 107;
    /** Of content that is sent as it is written, in bytes. */
    private static final int CHUNK = 64 * 1024;

    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** A daemon that starts replaces its socket, so what is there now may have appeared after an attempt failed. */
    private static final int MAX_ATTEMPTS = 50;

    private final SocketChannel channel;
    private final Input input;

    private UnixHttp(SocketChannel channel) {
        this.channel = channel;
        this.input = new Input(channel);
    }

    static UnixHttp connect(Path socket) throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            throw new DaemonException("the path " + socket + " is too long for a socket (" + MAX_PATH
                    + " bytes at most): set AEGIS_HOME to a shorter one");
        }
        String reason = "";
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            try {
                return new UnixHttp(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            } catch (ConnectException refused) {
                throw new NotRunning("aegisd is not running: nothing answers on " + socket, refused);
            } catch (SocketException failure) {
                if (Files.notExists(socket)) {
                    throw new NotRunning("aegisd is not running: no socket " + socket, failure);
                }
                reason = String.valueOf(failure.getMessage());
            }
        }
        throw new DaemonException("cannot connect to " + socket + ": " + reason);
    }

    HttpAnswer send(RouteCall<?> call) throws IOException {
        return send(call, "");
    }

    /** Asks for the change to {@code aegis-stream}; an answer of status 101 grants it. */
    HttpAnswer upgrade(RouteCall<?> call) throws IOException {
        return send(call, "Connection: Upgrade\r\nUpgrade: " + Routes.STREAM_PROTOCOL + "\r\n");
    }

    /**
     * Sends a request with content of any size, in chunks as it is written. As soon as the daemon has refused it,
     * writing fails, and its answer counts. Closes the connection where the content fails.
     */
    HttpAnswer upload(RouteCall<?> call, DaemonClient.Content content, AtomicLong sent) throws IOException {
        write(ByteBuffer.wrap(head(call, "Transfer-Encoding: chunked\r\n")));
        Chunks chunks = new Chunks(sent);
        try {
            OutputStream out = new BufferedOutputStream(chunks, CHUNK);
            content.write(out);
            out.flush();
            chunks.send(ByteBuffer.wrap(LAST));
        } catch (IOException | RuntimeException obstacle) {
            if (!chunks.answered) {
                close();
                throw obstacle;
            }
        }
        HttpAnswer answer = HttpAnswer.read(input);
        if (chunks.answered && answer.status() < 300) {
            throw new DaemonException("the daemon stopped reading, and answered: "
                    + new String(answer.bytes(), StandardCharsets.UTF_8));
        }
        return answer;
    }

    private HttpAnswer send(RouteCall<?> call, String headers) throws IOException {
        byte[] body = call.body();
        String all = headers;
        if (body.length > 0) {
            all = all + "Content-Type: " + call.route().request().form().contentType() + "\r\n";
        }
        if (body.length > 0 || !"GET".equals(call.route().method())) {
            all = all + "Content-Length: " + body.length + "\r\n";
        }
        byte[] start = head(call, all);
        ByteBuffer request = ByteBuffer.allocate(start.length + body.length);
        request.put(start).put(body).flip();
        try {
            write(request);
        } catch (IOException brokenPipe) {
            // The daemon may have refused before it read all of a large body; what it said counts.
            if (!input.fill()) {
                throw brokenPipe;
            }
        }
        return HttpAnswer.read(input);
    }

    private static byte[] head(RouteCall<?> call, String headers) {
        String head = call.route().method() + " " + call.target() + " HTTP/1.1\r\nHost: aegisd\r\n" + headers + "\r\n";
        return head.getBytes(StandardCharsets.ISO_8859_1);
    }

    void write(ByteBuffer... bytes) throws IOException {
        while (bytes[bytes.length - 1].hasRemaining()) {
            channel.write(bytes);
        }
    }

    private final class Chunks extends OutputStream {
        private final AtomicLong sent;
        /** Before it had all, so that nothing more can be sent. */
        private boolean answered;

        Chunks(AtomicLong sent) {
            this.sent = sent;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) {
                byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
                send(ByteBuffer.wrap(size), ByteBuffer.wrap(bytes, offset, length), ByteBuffer.wrap(LINE_END));
                sent.addAndGet(length);
            }
        }

        void send(ByteBuffer... bytes) throws IOException {
            try {
                UnixHttp.this.write(bytes);
            } catch (IOException brokenPipe) {
                answered = input.fill();
                throw brokenPipe;
            }
        }
    }

    /** Sends nothing more; what comes can still be read. */
    void hangUp() throws IOException {
        channel.shutdownOutput();
    }

    Input input() {
        return input;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
