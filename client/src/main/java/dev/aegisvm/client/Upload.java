package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.ApiException;

/**
 * A request with content of any size, while it is being sent. As soon as the daemon has refused it, writing throws the
 * {@link ApiException} that says why.
 */
public final class Upload<A> implements Closeable {
    private static final int BUFFER = 64 * 1024;
    private static final ByteBuffer LINE_END =
            ByteBuffer.wrap(new byte[] {'\r', '\n'}).asReadOnlyBuffer();
    private static final byte[] LAST = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final UnixHttp connection;
    private final Reader<A> reader;
    private final OutputStream out = new BufferedOutputStream(new Chunks(), BUFFER);
    private final AtomicLong sent = new AtomicLong();
    private boolean finished;

    /** Reads the answer, or throws what it refuses. */
    interface Reader<A> {
        A read(HttpAnswer answer) throws IOException;
    }

    Upload(UnixHttp connection, Reader<A> reader) {
        this.connection = connection;
        this.reader = reader;
    }

    /** Where the content goes; blocking. Closing it ends nothing. */
    public OutputStream out() {
        return out;
    }

    /** How many bytes of the content have been sent so far; for any thread. */
    public long sent() {
        return sent.get();
    }

    /** All has been written: gives the daemon's answer. */
    public A finish() throws IOException {
        out.flush();
        write(ByteBuffer.wrap(LAST));
        finished = true;
        return reader.read(connection.answer());
    }

    /** Gives it up, unless it was finished. */
    @Override
    public void close() throws IOException {
        if (!finished) {
            connection.close();
        }
    }

    private void write(ByteBuffer... bytes) throws IOException {
        try {
            connection.write(bytes);
        } catch (IOException brokenPipe) {
            if (!connection.input().fill()) {
                throw brokenPipe;
            }
            finished = true;
            throw new DaemonException(
                    "the daemon stopped reading, and answered: " + reader.read(connection.answer()), brokenPipe);
        }
    }

    private final class Chunks extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > 0) {
                byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
                Upload.this.write(ByteBuffer.wrap(size), ByteBuffer.wrap(bytes, offset, length), LINE_END.duplicate());
                sent.addAndGet(length);
            }
        }

        /** The stream around this one passes its closing on. */
        @Override
        public void close() {}
    }
}
