package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.guest.GuestConnection;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.task.Task;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection, and the connection to the guest that it is relayed to. Each way ends by itself, a side that does not
 * read holds back the other one, and a failure on one side resets the other.
 */
final class RelayedConnection implements Clients.Connection {
    private static final System.Logger LOG = System.getLogger(RelayedConnection.class.getName());
    private static final int FIRST_BUFFER = 4096;
    private static final int MAX_BUFFER = 65_536;
    /** Of a first request that is not whole, on the host: 16 MB for all clients of a port. */
    private static final int MAX_EARLY = 8192;

    private final SocketChannel client;
    private final GuestPort port;
    private final Connections.Client use;
    private final FirstRequest request;
    private volatile @Nullable GuestConnection guest;
    /** What it sent before it had a place at the guest. */
    private byte[] first = new byte[FIRST_BUFFER];

    private int early;
    private volatile boolean asked;
    private volatile boolean heldUp;

    RelayedConnection(SocketChannel client, GuestPort port) {
        this.client = client;
        this.port = port;
        this.use = port.connections().arrived();
        this.request = new FirstRequest(port.speaksHttp());
        port.clients().arrived(this);
    }

    /** Returns when both ways have ended. */
    void run() {
        try (use;
                client) {
            connectAndRelay();
        } catch (IOException obstacle) {
            LOG.log(Level.DEBUG, "a client's connection did not end well: " + obstacle);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            port.clients().left(this);
        }
    }

    private void connectAndRelay() throws InterruptedException {
        try {
            if (!port.clients().mayBeSilent(this)) {
                listen();
            }
            heldUp = true;
            relayFromPlace();
        } catch (ApiException | IOException reason) {
            if (client.isOpen()) {
                port.failed(reason);
            }
            if (early > 0) {
                abort(); // It would take an end for an empty answer.
            }
        }
    }

    /** Until its request is whole. */
    private void listen() throws IOException {
        use.connected();
        while (!asked) {
            if (early == MAX_EARLY) {
                throw new IOException("the head of its request is longer than " + MAX_EARLY + " bytes, in a crowd");
            }
            first = early < first.length ? first : Arrays.copyOf(first, 2 * early);
            early += Math.max(read(first, early), 0);
        }
        use.sending();
    }

    private void relayFromPlace() throws IOException, InterruptedException {
        try (Closeable _ = port.place(client)) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            relay(port.connect(client));
        }
    }

    private void relay(GuestConnection connection) throws InterruptedException {
        try (connection) {
            guest = connection;
            heldUp = false;
            use.connected();
            Thread back = Task.start("connection-back", () -> untilBroken(this::fromGuest, connection), bug -> abort());
            untilBroken(this::toGuest, connection);
            back.join();
        }
    }

    private interface Way {
        void copy(GuestConnection connection) throws IOException;
    }

    private void untilBroken(Way way, GuestConnection connection) {
        try {
            way.copy(connection);
        } catch (IOException broken) {
            LOG.log(Level.DEBUG, "a connection to " + port.name() + " broke: " + broken.getMessage());
            abort();
        }
    }

    private void toGuest(GuestConnection connection) throws IOException {
        OutputStream out = connection.out();
        byte[] bytes = first;
        for (int count = early > 0 ? early : read(bytes, 0); count >= 0; count = read(bytes, 0)) {
            send(out, bytes, count);
            bytes = fitting(bytes, count);
        }
        out.close();
    }

    private void asked() {
        if (!asked) {
            asked = true;
            port.clients().asked(this);
        }
    }

    /** Wakes a paused guest before and after, since it may be paused meanwhile. */
    private void send(OutputStream out, byte[] bytes, int count) throws IOException {
        use.sending();
        port.sent();
        out.write(bytes, 0, count);
        port.sent();
        use.sent(count);
    }

    private int read(byte[] bytes, int from) throws IOException {
        int count = client.read(ByteBuffer.wrap(bytes, from, bytes.length - from));
        if (count < 0 || request.isWhole(bytes, from, count)) {
            asked();
        }
        return count;
    }

    private void fromGuest(GuestConnection connection) throws IOException {
        InputStream in = connection.in();
        byte[] bytes = new byte[FIRST_BUFFER];
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
            use.answered(count);
            asked();
            ByteBuffer rest = ByteBuffer.wrap(bytes, 0, count);
            while (rest.hasRemaining()) {
                client.write(rest);
            }
            bytes = fitting(bytes, count);
        }
        client.shutdownOutput();
    }

    /** Doubles the buffer when it was filled, so that quiet connections stay small. */
    private static byte[] fitting(byte[] bytes, int used) {
        boolean grow = used == bytes.length && used < MAX_BUFFER;
        return grow ? Arrays.copyOf(bytes, bytes.length * 2) : bytes;
    }

    @Override
    public boolean heldUp() {
        return heldUp;
    }

    /** Sends the client away at once; instead of {@link #run}. */
    void refuse() {
        port.clients().left(this);
        use.close();
        abort();
    }

    /** Resets both sides at once. */
    @Override
    public void abort() {
        GuestConnection connection = guest;
        if (connection != null) {
            connection.close();
        }
        try {
            client.setOption(StandardSocketOptions.SO_LINGER, 0);
            client.close();
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "a client was gone already: " + gone);
        }
    }
}
