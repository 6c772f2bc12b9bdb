package dev.aegisvm.daemon.http;

import module java.base;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;

/** What a client sends, for one thread that may block. It is held back while about {@value #FULL_BYTES} bytes wait. */
final class ClientInput extends InputStream {
    private static final int FULL_BYTES = 256 * 1024;

    private final Context context;
    private final ReadStream<Buffer> source;
    private final LinkedBlockingQueue<Buffer> pieces = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean received;
    private volatile boolean broken;
    private Buffer piece = Buffer.buffer(0);
    private int at;
    private boolean ended;

    /** @param source is paused while too much waits */
    ClientInput(Context context, ReadStream<Buffer> source) {
        this.context = context;
        this.source = source;
    }

    /** The body of a request; listens from now on, on the event loop. */
    static ClientInput body(Context context, HttpServerRequest request) {
        ClientInput body = new ClientInput(context, request);
        request.handler(body::came);
        request.endHandler(end -> body.end());
        request.exceptionHandler(why -> body.breakOff());
        return body;
    }

    /** Takes what came; after the end it counts for nothing. Like the two below, on the event loop. */
    void came(Buffer next) {
        if (next.length() == 0 || received || broken) {
            return;
        }
        pieces.add(next);
        if (waiting.addAndGet(next.length()) >= FULL_BYTES) {
            source.pause();
            // It may have been emptied just now.
            if (!isFull()) {
                source.resume();
            }
        }
    }

    /** There is no more. To say so again changes nothing. */
    void end() {
        if (!received) {
            received = true;
            pieces.add(Buffer.buffer(0));
        }
    }

    /** The client left; that is an error unless it had sent all. */
    void breakOff() {
        broken = !received;
        pieces.add(Buffer.buffer(0));
    }

    boolean received() {
        return received;
    }

    boolean isFull() {
        return waiting.get() >= FULL_BYTES;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == piece.length() && !next()) {
            return -1;
        }
        int taken = Math.min(length, piece.length() - at);
        piece.getBytes(at, at + taken, target, offset);
        at += taken;
        int before = waiting.getAndAdd(-taken);
        if (before >= FULL_BYTES && before - taken < FULL_BYTES) {
            context.runOnContext(now -> source.resume());
        }
        return taken;
    }

    /** Moves on to the next piece; false at the end, after which an empty one stands. */
    private boolean next() throws IOException {
        if (!ended) {
            piece = take();
            at = 0;
            ended = piece.length() == 0;
        }
        if (ended && broken) {
            throw new IOException("the client disconnected in the middle of its request");
        }
        return !ended;
    }

    private Buffer take() throws IOException {
        try {
            return pieces.take();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }
}
