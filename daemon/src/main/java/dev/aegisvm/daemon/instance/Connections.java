package dev.aegisvm.daemon.instance;

/**
 * The clients that use an instance over the network at this moment. As long as there is one, the instance is in use: from the
 * moment its connection is accepted, before the guest has answered.
 */
public final class Connections {
    private int open;
    private int waiting;
    private long lastChange = System.nanoTime();

    /** A client came. */
    public synchronized Client arrived() {
        open++;
        waiting++;
        lastChange = System.nanoTime();
        return new Client();
    }

    /** How many there are. */
    public synchronized int open() {
        return open;
    }

    /** How many of them have not reached the guest yet. */
    synchronized int waiting() {
        return waiting;
    }

    /** {@link System#nanoTime} when the last one came or left; when the daemon began, if there was none. */
    public synchronized long lastChange() {
        return lastChange;
    }

    /** One of them, until it is closed. */
    public final class Client implements AutoCloseable {
        private boolean waits = true;
        private boolean here = true;

        private Client() {}

        /** It has reached the guest. Idempotent. */
        public void connected() {
            synchronized (Connections.this) {
                if (waits) {
                    waits = false;
                    waiting--;
                }
            }
        }

        /** It is gone. Idempotent. */
        @Override
        public void close() {
            synchronized (Connections.this) {
                connected();
                if (here) {
                    here = false;
                    open--;
                    lastChange = System.nanoTime();
                }
            }
        }
    }
}
