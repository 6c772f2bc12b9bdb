package dev.aegisvm.daemon.guest;

import module java.base;

/** The guest's end of a channel, which answers just what a test tells it, in bytes written by hand. */
final class FakeHarness implements AutoCloseable {
    static final int HELLO = 1;
    static final int CONTROL = 2;
    static final int DATA = 3;
    static final int EOF = 5;
    private static final int HEADER = 8;
    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

    private final SocketChannel channel;
    private final SocketChannel hostEnd;

    private FakeHarness(SocketChannel hostEnd, SocketChannel channel) {
        this.hostEnd = hostEnd;
        this.channel = channel;
    }

    static FakeHarness open() throws IOException {
        Path directory = Files.createTempDirectory("aegis-harness");
        Path path = directory.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            SocketChannel host = SocketChannel.open(UnixDomainSocketAddress.of(path));
            return new FakeHarness(host, server.accept());
        } finally {
            Files.deleteIfExists(path);
            Files.delete(directory);
        }
    }

    /** What the session under test gets. */
    SocketChannel hostEnd() {
        return hostEnd;
    }

    /** A frame as it came. */
    record Raw(int type, long stream, ByteBuffer bytes) {
        byte[] payload() {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
        }

        String text() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }
    }

    Raw next() throws IOException {
        ByteBuffer header = read(HEADER);
        int type = header.get();
        header.get();
        int length = header.getShort() & 0xFFFF;
        long stream = header.getInt() & 0xFFFFFFFFL;
        return new Raw(type, stream, read(length));
    }

    Raw next(int type) throws IOException {
        Raw frame = next();
        while (frame.type() != type) {
            frame = next();
        }
        return frame;
    }

    void answerHello() throws IOException {
        send(HELLO, 0, next(HELLO).payload());
    }

    /** Takes the next call, answers it with a result and returns its text. */
    String answer(String result) throws IOException {
        return reply("\"result\":" + result);
    }

    /** Takes the next call, answers it with an error and returns its text. */
    String refuse(String error) throws IOException {
        return reply("\"error\":" + error);
    }

    void say(String json) throws IOException {
        send(CONTROL, 0, json.getBytes(StandardCharsets.UTF_8));
    }

    void notifyOf(String method, String params) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + "}");
    }

    void send(int type, long stream, byte[] payload) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(HEADER + payload.length);
        out.put((byte) type)
                .put((byte) 0)
                .putShort((short) payload.length)
                .putInt((int) stream)
                .put(payload)
                .flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    private String reply(String member) throws IOException {
        String call = next(CONTROL).text();
        Matcher id = ID.matcher(call);
        if (!id.find()) {
            throw new IOException("no id in " + call);
        }
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id.group(1) + "," + member + "}");
        return call;
    }

    private ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the host hung up");
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        hostEnd.close();
    }
}
