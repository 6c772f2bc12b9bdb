package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.daemon.task.Task;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/** Lets any thread write to a connection, and blocks it while {@value #WINDOW} bytes are on their way to the peer. */
class BlockingWriter extends OutputStream {
    private static final int WINDOW = 256 * 1024;

    final Context context;
    private final WriteStream<Buffer> stream;
    private final Semaphore window = new Semaphore(WINDOW, true);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    BlockingWriter(Context context, WriteStream<Buffer> stream) {
        this.context = context;
        this.stream = stream;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int weight = Math.min(length, WINDOW);
        acquire(weight);
        Buffer copy = Buffer.buffer(length).appendBytes(bytes, offset, length);
        context.runOnContext(now -> Task.run("write", () -> write(copy, weight), bug -> written(false, weight)));
    }

    private void write(Buffer bytes, int weight) {
        stream.write(bytes).onComplete(done -> written(done.succeeded(), weight));
    }

    private void written(boolean succeeded, int weight) {
        if (!succeeded) {
            close();
        }
        window.release(weight);
    }

    /** Waits until the kernel has all that was written. */
    final void drain() throws IOException {
        acquire(WINDOW);
        window.release(WINDOW);
    }

    /** The peer is gone, or has all: the waiting thread is told. */
    @Override
    public void close() {
        if (closed.complete(null)) {
            window.release(WINDOW);
        }
    }

    boolean isClosed() {
        return closed.isDone();
    }

    /** Runs something when it is closed, on the event loop. */
    final void whenLeft(Runnable action) {
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
