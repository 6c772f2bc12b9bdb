package dev.aegisvm.gateway.intercept;

import module java.base;

/** Two streams as a socket, which is what Java's TLS works over. */
final class StreamSocket extends Socket {
    private final InputStream in;
    private final OutputStream out;

    StreamSocket(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public InputStream getInputStream() {
        return in;
    }

    @Override
    public OutputStream getOutputStream() {
        return out;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    /** A half-close. */
    @Override
    public void shutdownOutput() throws IOException {
        out.close();
    }

    @Override
    public void shutdownInput() {
        // What still comes is of no interest.
    }

    @Override
    public void setSoTimeout(int millis) {
        // Who has the streams ends them.
    }

    @Override
    public int getSoTimeout() {
        return 0;
    }
}
