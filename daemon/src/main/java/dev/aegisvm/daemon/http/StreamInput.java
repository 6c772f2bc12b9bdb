package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.StreamFrame;
import dev.aegisvm.daemon.guest.GuestException;
import dev.aegisvm.daemon.guest.GuestProcess;
import java.lang.System.Logger.Level;

/**
 * What a client sends, on its way to the process. A process that does not read its stdin holds back the client, but not its
 * signals: they go their own way.
 */
final class StreamInput {
    private static final System.Logger LOG = System.getLogger(StreamInput.class.getName());
    private static final int FULL_BYTES = 256 * 1024;
    private static final int MAX_CONTROLS = 1000;
    private static final StreamFrame CLOSED = StreamFrame.note("closed");

    private final Runnable roomAgain;
    private final BlockingQueue<StreamFrame> stdin = new LinkedBlockingQueue<>();
    private final BlockingQueue<StreamFrame> controls = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** @param roomAgain runs when {@link #isFull} becomes false */
    StreamInput(Runnable roomAgain) {
        this.roomAgain = roomAgain;
    }

    /** Takes a frame; never blocks. */
    void frame(StreamFrame frame) {
        switch (frame.type()) {
            case STDIN -> {
                waiting.addAndGet(frame.length());
                stdin.add(frame);
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

    boolean isFull() {
        return waiting.get() >= FULL_BYTES;
    }

    /** Everything goes to this process, also what came before. */
    void goesTo(GuestProcess process) {
        Thread.ofVirtual().name("stdin").start(() -> pumpStdin(process.stdin()));
        Thread.ofVirtual().name("signals").start(() -> pumpControls(process));
    }

    void close() {
        stdin.add(CLOSED);
        controls.add(CLOSED);
    }

    private void pumpStdin(OutputStream target) {
        boolean open = true;
        try {
            for (StreamFrame frame = stdin.take(); !frame.equals(CLOSED); frame = stdin.take()) {
                open = open && write(target, frame);
                int before = waiting.getAndAdd(-frame.length());
                if (before >= FULL_BYTES && before - frame.length() < FULL_BYTES) {
                    roomAgain.run();
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** False when nobody reads it any more; the rest is thrown away, as a closed pipe would. */
    private static boolean write(OutputStream target, StreamFrame frame) {
        try {
            if (frame.length() == 0) {
                target.close();
                return false;
            }
            byte[] bytes = new byte[frame.length()];
            frame.payload().get(bytes);
            target.write(bytes);
            target.flush();
            return true;
        } catch (IOException closed) {
            return false;
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
