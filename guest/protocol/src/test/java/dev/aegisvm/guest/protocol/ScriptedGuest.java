package dev.aegisvm.guest.protocol;

import module java.base;

/** The guest's end of a channel, which does just what a test tells it. */
final class ScriptedGuest implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 20).limit(0);

    ScriptedGuest(SocketChannel channel) {
        this.channel = channel;
    }

    /** The next frame from the host; fails when it hung up. */
    Frame next() throws IOException {
        Frame frame = Frame.decode(in);
        while (frame == null) {
            in.compact();
            int count = channel.read(in);
            in.flip();
            if (count < 0) {
                throw new IOException("the host hung up");
            }
            frame = Frame.decode(in);
        }
        return frame;
    }

    /** The next frame of a kind; other ones are skipped. */
    <F extends Frame> F next(Class<F> type) throws IOException {
        Frame frame = next();
        while (!type.isInstance(frame)) {
            frame = next();
        }
        return type.cast(frame);
    }

    void answerHello() throws IOException {
        send(next(Frame.Hello.class));
    }

    /** The next control message as JSON text. */
    String nextMessage() throws IOException {
        StringBuilder text = new StringBuilder();
        Frame.Control piece;
        do {
            piece = next(Frame.Control.class);
            text.append(StandardCharsets.UTF_8.decode(piece.piece()));
        } while (piece.more());
        return text.toString();
    }

    /** Takes the next call, answers it with a result, and returns its text. */
    String answer(String result) throws IOException {
        String call = nextMessage();
        sendMessage("{\"jsonrpc\":\"2.0\",\"id\":" + idOf(call) + ",\"result\":" + result + "}");
        return call;
    }

    static String idOf(String call) {
        Matcher id = ID.matcher(call);
        if (!id.find()) {
            throw new IllegalArgumentException("no id in " + call);
        }
        return id.group(1);
    }

    void send(Frame... frames) throws IOException {
        for (Frame frame : frames) {
            ByteBuffer out = ByteBuffer.allocate(Vectors.size(frame));
            frame.encode(out);
            sendBytes(out.array());
        }
    }

    void sendMessage(String json) throws IOException {
        send(new Frame.Control(false, ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8))));
    }

    void sendData(long stream, int length) throws IOException {
        send(new Frame.Data(stream, ByteBuffer.allocate(length)));
    }

    void sendBytes(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    /** Takes the pattern from stream 1 until its end, grants credit back, and returns how much it was. */
    long receiveAll() throws IOException {
        long total = 0;
        long granted = 0;
        Frame frame = next();
        while (!(frame instanceof Frame.Eof)) {
            if (frame instanceof Frame.Data(long stream, ByteBuffer bytes)) {
                int offset = (int) (total % 251);
                int count = bytes.remaining();
                if (!bytes.equals(ByteBuffer.wrap(BulkGuest.PATTERN, offset, count))) {
                    throw new IOException("wrong bytes from " + total);
                }
                total += count;
                if (total - granted >= 32768) {
                    send(new Frame.Credit(0, total - granted), new Frame.Credit(stream, total - granted));
                    granted = total;
                }
            }
            frame = next();
        }
        return total;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
