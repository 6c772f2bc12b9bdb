package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.daemon.task.Task;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/** Lets any thread write to a connection, and blocks it while {@value #WINDOW} bytes are on their way to the peer. */
final class BlockingWriter {
    private static final int WINDOW = 256 * 1024;

    private final Context context;
    private final WriteStream<Buffer> stream;
    private final Semaphore window = new Semaphore(WINDOW, true);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    BlockingWriter(Context context, WriteStream<Buffer> stream) {
        this.context = context;
        this.stream = stream;
    }

    void write(byte[] bytes) throws IOException {
        int weight = Math.min(bytes.length, WINDOW);
        acquire(weight);
        context.runOnContext(now -> Task.run("write", () -> write(bytes, weight), bug -> written(false, weight)));
    }

    private void write(byte[] bytes, int weight) {
        stream.write(Buffer.buffer(bytes)).onComplete(done -> written(done.succeeded(), weight));
    }

    private void written(boolean succeeded, int weight) {
        if (!succeeded) {
            close();
        }
        window.release(weight);
    }

    /** Waits until the kernel has all that was written. */
    void drain() throws IOException {
        acquire(WINDOW);
        window.release(WINDOW);
    }

    /** The peer is gone, or has all: the waiting thread is told. */
    void close() {
        if (closed.complete(null)) {
            window.release(WINDOW);
        }
    }

    /** Runs something when it is closed, on the event loop. */
    void whenClosed(Runnable action) {
        var _ = closed.thenRun(action);
    }

    private void acquire(int weight) throws IOException {
        window.acquireUninterruptibly(weight);
        if (closed.isDone()) {
            window.release(weight);
            throw new IOException("the client disconnected");
        }
    }
}
