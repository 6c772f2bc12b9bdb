package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.StreamFrame;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.guest.GuestProcess;
import io.vertx.core.buffer.Buffer;
import java.lang.System.Logger.Level;

/**
 * What a client sends, on its way to the process. A process that does not read its stdin holds back the client, but not its
 * signals: they go their own way.
 */
record StreamInput(ClientInput stdin, BlockingQueue<StreamFrame> controls) {
    private static final System.Logger LOG = System.getLogger(StreamInput.class.getName());
    private static final int MAX_CONTROLS = 1000;
    private static final StreamFrame CLOSED = StreamFrame.note("closed");

    StreamInput(ClientInput stdin) {
        this(stdin, new LinkedBlockingQueue<>());
    }

    /** Takes a frame; never blocks. */
    void frame(StreamFrame frame) {
        switch (frame.type()) {
            case STDIN -> {
                if (frame.length() == 0) {
                    stdin.end();
                } else {
                    byte[] bytes = new byte[frame.length()];
                    frame.payload().get(bytes);
                    stdin.came(Buffer.buffer(bytes));
                }
            }
            case RESIZE, SIGNAL -> {
                if (controls.size() < MAX_CONTROLS) {
                    controls.add(frame);
                }
            }
            case STDOUT,
                    STDERR,
                    EXIT,
                    ERROR,
                    STARTED,
                    NOTE,
                    CREATED -> {} // Not for a client to send, and of no meaning.
        }
    }

    /** Everything goes to this process, also what came before. */
    void goesTo(GuestProcess process) {
        Thread.ofVirtual().name("stdin").start(() -> pumpStdin(process.stdin()));
        Thread.ofVirtual().name("signals").start(() -> pumpControls(process));
    }

    void close() {
        stdin.breakOff();
        controls.add(CLOSED);
    }

    /** When nobody reads it any more, the rest is thrown away, as a closed pipe would. */
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
