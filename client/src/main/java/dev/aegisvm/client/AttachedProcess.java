package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import org.jspecify.annotations.Nullable;

/**
 * A process in a guest, connected with us by {@code aegis-stream}: what it writes arrives byte for byte, and it is held
 * back when we do not take it. Closing this ends the process. One thread reads frames; others may send.
 */
public final class AttachedProcess implements Closeable {
    private static final int PIECE = 32 * 1024;

    /** Takes all of some bytes of an output. */
    public interface Sink {
        void write(byte[] bytes) throws IOException;
    }

    private final UnixHttp connection;
    private final StreamFrame.Decoder decoder = new StreamFrame.Decoder();
    private final Deque<StreamFrame> frames = new ArrayDeque<>();
    private final byte[] piece = new byte[64 * 1024];
    private volatile boolean gone;

    AttachedProcess(UnixHttp connection) {
        this.connection = connection;
    }

    /** The instance that a {@code run} made, asked before {@link #pump}; throws, and closes this, when the daemon refused. */
    public InstanceView instance() throws IOException {
        return first(StreamFrame.Type.CREATED, InstanceView.class);
    }

    /** What it is called, once it runs, asked before {@link #pump}; throws, and closes this, when it could not start. */
    public ExecStarted started() throws IOException {
        return first(StreamFrame.Type.STARTED, ExecStarted.class);
    }

    private <T> T first(StreamFrame.Type wanted, Class<T> type) throws IOException {
        Set<StreamFrame.Type> decisive = Set.of(wanted, StreamFrame.Type.ERROR, StreamFrame.Type.EXIT);
        try {
            Optional<StreamFrame> first;
            do {
                // It stays there for the next who asks.
                first = frames.stream()
                        .filter(frame -> decisive.contains(frame.type()))
                        .findFirst();
            } while (first.isEmpty() && receive());
            StreamFrame frame = first.orElseThrow(
                    () -> new DaemonException("the daemon closed the connection before the process started"));
            if (frame.type() == StreamFrame.Type.ERROR) {
                throw refusal(frame);
            }
            if (frame.type() == StreamFrame.Type.EXIT) {
                throw new DaemonException("unexpected answer from the daemon: 'exit' before '"
                        + wanted.name().toLowerCase(Locale.ROOT) + "'");
            }
            return frame.value(type);
        } catch (IOException | RuntimeException notStarted) {
            close();
            throw notStarted;
        }
    }

    private static ApiException refusal(StreamFrame frame) {
        return new ApiException(500, frame.value(ApiError.class), null);
    }

    /**
     * Hands over all that the process writes until it ends; throws when it could not start, or its VM went away.
     *
     * @param note takes the daemon's messages to the user
     */
    public ProcessExit pump(Sink stdout, Sink stderr, Runnable started, Consumer<String> note) throws IOException {
        for (StreamFrame frame = next(); frame != null; frame = next()) {
            switch (frame.type()) {
                case STDOUT -> stdout.write(frame.payload());
                case STDERR -> stderr.write(frame.payload());
                case NOTE -> note.accept(frame.text());
                case EXIT -> {
                    return frame.value(ProcessExit.class);
                }
                case ERROR -> throw refusal(frame);
                case STARTED -> started.run();
                case CREATED, CURSORS -> {} // A caller that wants it asks for it before.
                case STDIN, RESIZE, SIGNAL ->
                    throw new DaemonException("the daemon sent a frame that only clients send: " + frame);
            }
        }
        throw new DaemonException("the daemon closed the connection before the process ended");
    }

    private @Nullable StreamFrame next() throws IOException {
        while (frames.isEmpty() && receive()) {
            // What came may be a part of a frame.
        }
        return frames.poll();
    }

    /** Waits for more bytes; false at the end. */
    private boolean receive() throws IOException {
        int count = connection.input().read(piece);
        decoder.feed(ByteBuffer.wrap(piece, 0, Math.max(0, count)), frames::add);
        return count >= 0;
    }

    /** Passes on all bytes of a source, and then its end; returns when that is sent, or nothing takes it any more. */
    public void feed(InputStream source) throws IOException {
        byte[] bytes = new byte[PIECE];
        for (int count = source.read(bytes); count >= 0 && !gone; count = source.read(bytes)) {
            write(Arrays.copyOf(bytes, count));
        }
        endStdin();
    }

    /** Writes to the stdin of the process; returns when that is sent. */
    public void write(byte[] bytes) {
        for (int at = 0; at < bytes.length; at += PIECE) {
            send(StreamFrame.of(StreamFrame.Type.STDIN, bytes, at, Math.min(PIECE, bytes.length - at)));
        }
    }

    /** The process finds its stdin at the end. */
    public void endStdin() {
        send(StreamFrame.stdinEnd());
    }

    public void signal(int number) {
        send(StreamFrame.signal(number));
    }

    public void resize(TerminalSize size) {
        send(StreamFrame.resize(size));
    }

    /** What is sent after the process has ended is lost: {@link #pump} tells how it ended, or that the daemon did. */
    private synchronized void send(StreamFrame frame) {
        try {
            connection.write(ByteBuffer.wrap(frame.encode()));
        } catch (IOException ended) {
            gone = true;
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
