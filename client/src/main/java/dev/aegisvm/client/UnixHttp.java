package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.Route.RouteCall;
import dev.aegisvm.client.DaemonException.NotRunning;
import dev.aegisvm.client.HttpBody.Input;
import dev.aegisvm.host.Draft;

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
    /** Largest answer that is held in memory, in bytes. */
    private static final int MAX_BODY = 64 * 1024 * 1024;

    private final SocketChannel channel;
    private final Input input;
    private final Consumer<String> builds;
    private boolean free = true;
    /** After the latest answer. */
    private boolean keepsOpen;

    private UnixHttp(SocketChannel channel, Consumer<String> builds) {
        this.channel = channel;
        this.builds = builds;
        this.input = new Input(channel);
    }

    static UnixHttp connect(Path socket, Consumer<String> builds) throws IOException {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            throw new DaemonException("the path " + socket + " is too long for a socket (" + MAX_PATH
                    + " bytes at most): set AEGIS_HOME to a shorter one");
        }
        String reason = "";
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            try {
                return new UnixHttp(SocketChannel.open(UnixDomainSocketAddress.of(socket)), builds);
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

    /** Whether it can carry the next request: the answer to the one before, if there was one, has been read whole. */
    boolean isFree() {
        return free && channel.isOpen();
    }

    /** Whether the daemon has closed one that is free, as when it was restarted since; asks the kernel, and closes it. */
    boolean hasEnded() throws IOException {
        int count;
        try {
            channel.configureBlocking(false);
            count = channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(true);
        } catch (IOException reset) {
            count = -1;
        }
        if (count != 0) {
            close();
        }
        return count != 0;
    }

    byte[] ask(RouteCall<?> call) throws IOException {
        send(call, "");
        return answer();
    }

    /** Asks for an answer that is read as it comes; closing it closes this. */
    InputStream open(RouteCall<?> call) throws IOException {
        send(call, "");
        return accepted(200, 200);
    }

    /** Changes to {@code aegis-stream}. */
    void upgrade(RouteCall<?> call) throws IOException {
        send(call, "Connection: Upgrade\r\nUpgrade: " + Routes.STREAM_PROTOCOL + "\r\n");
        var _ = accepted(101, 101);
    }

    /**
     * Sends a request with content of any size, in chunks as it is written. As soon as the daemon has refused it,
     * writing fails, and its answer counts. Closes the connection where the content fails.
     */
    byte[] upload(RouteCall<?> call, Draft.Content content, AtomicLong sent) throws IOException {
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
        byte[] answer = answer();
        if (chunks.answered) {
            close();
            throw new DaemonException(
                    "the daemon stopped reading, and answered: " + new String(answer, StandardCharsets.UTF_8));
        }
        return answer;
    }

    /** Reads the whole of an answer. */
    private byte[] answer() throws IOException {
        return whole(accepted(200, 299));
    }

    /** Reads the head of an answer, whose status is between these; throws what the daemon refuses. */
    private HttpBody accepted(int least, int most) throws IOException {
        int status = status(input.readLine());
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = input.readLine(); !line.isEmpty(); line = input.readLine()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new DaemonException("the daemon's answer has a header without a colon");
            }
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        builds.accept(headers.getOrDefault(Build.HEADER, ""));
        keepsOpen = !"close".equalsIgnoreCase(headers.get("connection"));
        HttpBody body = new HttpBody(input, status < 200 || status == 204 ? 0 : length(headers));
        if (status < least || status > most) {
            throw HttpBody.refusal(status, whole(body));
        }
        return body;
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
            return HttpBody.CHUNKED;
        }
        String value = headers.getOrDefault("content-length", "");
        try {
            return Long.parseUnsignedLong(value);
        } catch (NumberFormatException notANumber) {
            throw new DaemonException("the daemon's answer has a content-length of '" + value + "'", notANumber);
        }
    }

    /** Reads it to its end, after which another request may follow. */
    private byte[] whole(HttpBody body) throws IOException {
        byte[] whole = body.readNBytes(MAX_BODY + 1);
        if (whole.length > MAX_BODY) {
            throw new DaemonException("the daemon's answer has more than " + MAX_BODY + " bytes");
        }
        free = keepsOpen;
        if (!free) {
            close();
        }
        return whole;
    }

    private void send(RouteCall<?> call, String headers) throws IOException {
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
    }

    private byte[] head(RouteCall<?> call, String headers) {
        free = false;
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
