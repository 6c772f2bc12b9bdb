package dev.aegisvm.guest.protocol;

import module java.base;

/** A guest that sends as much as credit allows, on many streams in turn, and answers calls in between. */
final class BulkGuest {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 18).limit(0);
    private final Map<Long, Long> window = new HashMap<>();
    private final Map<Long, Long> left = new HashMap<>();
    private final ByteBuffer out = ByteBuffer.allocateDirect(Frame.MAX_SIZE);
    private long connection = Credit.CONNECTION;

    BulkGuest(SocketChannel channel) {
        this.channel = channel;
    }

    /** Sends {@code each} bytes on every stream from 1 to {@code streams}: byte n of a stream is n mod 251. */
    void run(int streams, long each) throws IOException {
        for (long id = 1; id <= streams; id++) {
            window.put(id, (long) Credit.STREAM);
            left.put(id, each);
        }
        Map<Long, Long> sent = new HashMap<>();
        while (left.values().stream().anyMatch(n -> n > 0)) {
            boolean progress = false;
            for (long id = 1; id <= streams; id++) {
                progress |= turn(id, sent);
            }
            take(!progress);
        }
    }

    /** Goes on answering calls: the host may have asked just when the last byte was sent. */
    void answerUntilHangUp() throws IOException {
        while (channel.isOpen()) {
            try {
                take(true);
            } catch (IOException hungUp) {
                return;
            }
        }
    }

    private boolean turn(long id, Map<Long, Long> sent) throws IOException {
        long most = Math.min(connection, Math.min(window.getOrDefault(id, 0L), left.getOrDefault(id, 0L)));
        int count = (int) Math.min(most, Frame.MAX_PAYLOAD);
        if (count <= 0) {
            return false;
        }
        long start = sent.getOrDefault(id, 0L);
        out.clear();
        Frame.dataHeader(id, count, out);
        out.put(PATTERN, (int) (start % 251), count).flip();
        write(out);
        sent.put(id, start + count);
        window.merge(id, (long) -count, Long::sum);
        long rest = left.merge(id, (long) -count, Long::sum);
        connection -= count;
        if (rest == 0) {
            send(new Frame.Eof(id));
        }
        return true;
    }

    /** Bytes 0..250 again and again. */
    static final byte[] PATTERN = pattern();

    private static byte[] pattern() {
        byte[] bytes = new byte[Frame.MAX_PAYLOAD + 251];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    /** Takes what the host sent; waits for it only if nothing else can be done. */
    private void take(boolean wait) throws IOException {
        channel.configureBlocking(wait);
        in.compact();
        int count = channel.read(in);
        in.flip();
        channel.configureBlocking(true);
        if (count < 0) {
            throw new IOException("the host hung up");
        }
        for (Frame frame = Frame.decode(in); frame != null; frame = Frame.decode(in)) {
            taken(frame);
        }
    }

    private void taken(Frame frame) throws IOException {
        switch (frame) {
            case Frame.Credit(long stream, long bytes) -> {
                if (stream == 0) {
                    connection += bytes;
                } else {
                    window.merge(stream, bytes, Long::sum);
                }
            }
            case Frame.Control control -> {
                String call = StandardCharsets.UTF_8.decode(control.piece()).toString();
                String answer = "{\"jsonrpc\":\"2.0\",\"id\":" + ScriptedGuest.idOf(call) + ",\"result\":{}}";
                send(new Frame.Control(false, ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8))));
            }
            case Frame.Reset(long stream, ResetReason _) -> left.put(stream, 0L);
            case Frame.Hello _, Frame.Data _, Frame.Eof _ -> throw new IOException("unexpected " + frame);
        }
    }

    private void send(Frame frame) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Vectors.size(frame));
        frame.encode(bytes);
        write(bytes.flip());
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
