package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.*;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.instance.ProcessClient;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.lang.System.Logger.Level;

/** A client on the other end of an {@code aegis-stream} connection. */
final class StreamClient implements ProcessClient {
    private static final System.Logger LOG = System.getLogger(StreamClient.class.getName());
    private static final long PROBE_MILLIS = 2000;
    private static final int MAX_CONTROLS = 1000;
    private static final StreamFrame CLOSED = StreamFrame.note("closed");

    private final Context context;
    private final NetSocket socket;
    private final BlockingWriter writer;
    private final StreamFrame.Decoder decoder = new StreamFrame.Decoder();
    private final ClientInput stdin;
    /** A process that does not read its stdin holds back the client, but not its signals: they go their own way. */
    private final BlockingQueue<StreamFrame> controls = new LinkedBlockingQueue<>();

    private final long probe;
    private final boolean masked;

    /** Takes the connection over, on its event loop. */
    StreamClient(Context context, NetSocket socket, boolean masked) {
        this.masked = masked;
        this.context = context;
        this.socket = socket;
        this.writer = new BlockingWriter(context, socket);
        this.stdin = new ClientInput(context, socket);
        socket.handler(this::received);
        socket.closeHandler(closed -> gone());
        socket.exceptionHandler(broken -> gone());
        this.probe = context.owner().setPeriodic(PROBE_MILLIS, now -> probe());
    }

    @Override
    public void whenLeft(Runnable action) {
        writer.whenLeft(action);
    }

    @Override
    public boolean sends() {
        return true;
    }

    @Override
    public boolean masked() {
        return masked;
    }

    /** The instance that the client owns, without the command and the secrets, which it knows: a frame is short. */
    void created(InstanceView instance) {
        InstanceView brief = InstanceViewBuilder.builder(instance)
                .command(List.of())
                .secrets(List.of())
                .build();
        send(StreamFrame.of(StreamFrame.Type.CREATED, brief));
    }

    @Override
    public void started(GuestProcess process) {
        send(StreamFrame.of(
                StreamFrame.Type.STARTED, new ExecStarted(process.execId(), process.startedAt(), process.pid())));
        Thread.ofVirtual().name("stdin").start(() -> pumpStdin(process.stdin()));
        Thread.ofVirtual().name("signals").start(() -> pumpControls(process));
    }

    @Override
    public void output(LogStream stream, byte[] bytes, int length) {
        StreamFrame.Type type = stream == LogStream.STDERR ? StreamFrame.Type.STDERR : StreamFrame.Type.STDOUT;
        send(StreamFrame.of(type, bytes, 0, length));
    }

    @Override
    public void cursors(OutputCursors next) {
        send(StreamFrame.of(StreamFrame.Type.CURSORS, next));
    }

    @Override
    public void note(String line) {
        send(StreamFrame.note(line));
    }

    /** Follows a process. The last frame says how it ended, or why there is no such end; returns when the kernel has it. */
    void follow(Supplier<ProcessExit> process) {
        try {
            last(StreamFrame.of(StreamFrame.Type.EXIT, process.get()));
        } catch (ApiException refusal) {
            failed(refusal.error());
        }
    }

    void failed(ApiError error) {
        last(StreamFrame.of(StreamFrame.Type.ERROR, error));
    }

    private void last(StreamFrame frame) {
        send(frame);
        try {
            writer.drain();
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "the client disconnected before the last frame");
        }
        try {
            context.runOnContext(now -> socket.close());
        } catch (RejectedExecutionException stopped) {
            LOG.log(Level.DEBUG, "the API has stopped, and with it the connection");
        }
    }

    private void send(StreamFrame frame) {
        if (writer.isClosed()) {
            return;
        }
        try {
            writer.write(frame.encode());
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "the client disconnected before a frame of type " + frame.type());
        }
    }

    private void received(Buffer buffer) {
        try {
            decoder.feed(ByteBuffer.wrap(buffer.getBytes()), this::take);
        } catch (StreamFrame.MalformedFrameException nonsense) {
            LOG.log(Level.INFO, "a client broke the stream protocol: " + nonsense.getMessage());
            socket.close();
        }
    }

    /** A connection that is not read does not show that the peer has left; writing to it does. */
    private void probe() {
        if (stdin.isFull()) {
            socket.write(Buffer.buffer(new StreamFrame(StreamFrame.Type.STDOUT, new byte[0]).encode()));
        }
    }

    private void gone() {
        context.owner().cancelTimer(probe);
        stdin.breakOff();
        controls.add(CLOSED);
        writer.close();
    }

    /** Never blocks. */
    private void take(StreamFrame frame) {
        switch (frame.type()) {
            case STDIN -> {
                if (frame.payload().length == 0) {
                    stdin.end();
                } else {
                    stdin.came(Buffer.buffer(frame.payload()));
                }
            }
            case RESIZE, SIGNAL -> {
                if (controls.size() < MAX_CONTROLS) {
                    controls.add(frame);
                }
            }
            // Not for a client to send, and of no meaning.
            case STDOUT, STDERR, EXIT, ERROR, STARTED, NOTE, CREATED, CURSORS -> {}
        }
    }

    /** When it has no reader any more, the rest is thrown away, as a closed pipe would. */
    private void pumpStdin(OutputStream target) {
        try {
            try {
                stdin.transferTo(target);
                target.close();
            } catch (IOException closed) {
                stdin.transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException left) {
            LOG.log(Level.DEBUG, "stdin: " + left.getMessage());
        }
    }

    private void pumpControls(GuestProcess process) {
        try {
            for (StreamFrame frame = controls.take(); !frame.equals(CLOSED); frame = controls.take()) {
                control(process, frame);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void control(GuestProcess process, StreamFrame frame) {
        try {
            if (frame.type() == StreamFrame.Type.SIGNAL) {
                process.signal(frame.signal());
            } else {
                process.resize(frame.size());
            }
        } catch (GuestException | RuntimeException refused) {
            LOG.log(Level.DEBUG, "a " + frame.type() + " was refused: " + refused.getMessage());
        }
    }
}
