package dev.aegisvm.vmm.fake;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The guest's end of the channel: frames, credit, and answers as the harness words them. */
final class ScriptedWire {
    static final int HELLO = 1;
    static final int CONTROL = 2;
    static final int DATA = 3;
    static final int CREDIT = 4;
    static final int EOF = 5;
    static final int RESET = 6;
    static final int HEADER = 8;
    private static final int MAX_DATA = 32_768;
    private static final long STREAM_WINDOW = 65_536;
    private static final long WINDOW = 1L << 20;

    private final Map<Long, Long> credit = new HashMap<>();

    /** The connection that counts. What comes on one that was lost without a word is not seen. */
    private volatile @Nullable SocketChannel channel;

    /** Counts sessions: the output of processes of an earlier one is thrown away. */
    private volatile int session;

    private volatile boolean closed;

    void connect(SocketChannel connection) {
        channel = connection;
    }

    @Nullable
    SocketChannel channel() {
        return channel;
    }

    int session() {
        return session;
    }

    void newSession() {
        synchronized (credit) {
            session++;
            credit.clear();
            credit.put(0L, WINDOW);
            credit.notifyAll();
        }
    }

    void close() {
        closed = true;
        synchronized (credit) {
            credit.notifyAll();
        }
    }

    /** A stream of the guest's begins, with the credit of a new one. */
    void open(long stream) {
        synchronized (credit) {
            credit.put(stream, STREAM_WINDOW);
        }
    }

    /** The host grants more. */
    void granted(long stream, int bytes) {
        synchronized (credit) {
            credit.merge(stream, (long) bytes, Long::sum);
            credit.notifyAll();
        }
    }

    /** Sends output as fast as the host lets it. */
    void output(int of, long stream, byte[] bytes) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(MAX_DATA, bytes.length - at);
            if (!take(of, stream, length)) {
                return;
            }
            send(DATA, stream, Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
    }

    /** Waits for credit; false when the session is over. */
    private boolean take(int of, long stream, int length) throws IOException {
        synchronized (credit) {
            while (of == session
                    && (credit.getOrDefault(stream, 0L) < length || credit.getOrDefault(0L, 0L) < length)) {
                if (closed) {
                    throw new IOException("closed");
                }
                try {
                    credit.wait();
                } catch (InterruptedException stop) {
                    throw new IOException(stop);
                }
            }
            if (of != session) {
                return false;
            }
            credit.merge(stream, (long) -length, Long::sum);
            credit.merge(0L, (long) -length, Long::sum);
            return true;
        }
    }

    void end(int of, long stream) throws IOException {
        if (stream > 0 && of == session) {
            send(EOF, stream, new byte[0]);
        }
    }

    void grant(long stream, int bytes) throws IOException {
        send(CREDIT, stream, ByteBuffer.allocate(4).putInt(bytes).array());
    }

    void result(long id, String json) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + json + "}");
    }

    void error(long id, int code, String message) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"" + message
                + "\"}}");
    }

    void error(long id, int code, String message, int errno) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"" + message
                + "\",\"data\":{\"errno\":" + errno + "}}}");
    }

    void say(String json) throws IOException {
        send(CONTROL, 0, json.getBytes(StandardCharsets.UTF_8));
    }

    void send(int type, long stream, byte[] payload) throws IOException {
        write(ByteBuffer.allocate(HEADER + payload.length)
                .put((byte) type)
                .put((byte) 0)
                .putShort((short) payload.length)
                .putInt((int) stream)
                .put(payload)
                .flip());
    }

    synchronized void write(ByteBuffer bytes) throws IOException {
        SocketChannel current = channel;
        while (bytes.hasRemaining()) {
            if (current == null) {
                throw new IOException("not connected");
            }
            current.write(bytes);
        }
    }

    static ByteBuffer read(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the host hung up");
            }
        }
        return bytes.flip();
    }
}
