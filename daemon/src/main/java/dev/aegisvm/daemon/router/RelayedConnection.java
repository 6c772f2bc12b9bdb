package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.guest.protocol.GuestStream;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A client's connection to a port: it is accepted, waits for its turn and for the guest, and is then relayed. */
final class RelayedConnection implements Clients.Connection, Relay.Moves {
    private static final System.Logger LOG = System.getLogger(RelayedConnection.class.getName());
    /** Of a first request that is not whole, on the host: 16 MB for all clients of a port. */
    private static final int MAX_EARLY = 8192;

    /** Its buffers and threads; its descriptor is counted among the {@link Clients}. */
    private static final Cost COST = new Cost(20 << 10, 0);

    private final SocketChannel client;
    private final GuestPort port;
    private final Connections.Client use;
    private final FirstRequest request;
    private volatile @Nullable GuestStream guest;
    /** What it sent before it had a place at the guest. */
    private byte[] first = new byte[Relay.FIRST_BUFFER];

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
            if (port.clients().isCrowded()) {
                Clients.boundBuffers(client);
            }
            if (use.holds(COST)) {
                connectAndRelay();
            } else {
                port.failed(new IOException("its clients have reached their limit of the daemon's memory"));
                port.clients().oldestLeaves();
            }
        } catch (IOException obstacle) {
            LOG.log(Level.DEBUG, "a client's connection was not closed cleanly: " + obstacle);
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

    private void listen() throws IOException {
        use.connected();
        while (!asked) {
            if (early == MAX_EARLY) {
                throw new IOException("the head of its request is longer than " + MAX_EARLY + " bytes under load");
            }
            first = early < first.length ? first : Arrays.copyOf(first, 2 * early);
            int count = client.read(ByteBuffer.wrap(first, early, first.length - early));
            heard(first, early, count);
            early += Math.max(count, 0);
        }
        use.sending();
    }

    private void relayFromPlace() throws IOException, InterruptedException {
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        try (Closeable _ = port.place(client);
                GuestStream connection = port.connect(client)) {
            guest = connection;
            heldUp = false;
            use.connected();
            new Relay(client, connection, use, this).run(first, early);
        }
    }

    private void asked() {
        if (!asked) {
            asked = true;
            port.clients().asked(this);
        }
    }

    @Override
    public void heard(byte[] bytes, int count) {
        heard(bytes, 0, count);
    }

    private void heard(byte[] bytes, int from, int count) {
        if (count < 0 || request.isWhole(bytes, from, count)) {
            asked();
        }
    }

    /** Wakes a paused guest before and after, since it may be paused meanwhile. */
    @Override
    public void sending(int count) {
        use.sending();
        port.sent();
    }

    @Override
    public void sent(int count) {
        port.sent();
        use.sent(count);
    }

    @Override
    public ByteBuffer answered(ByteBuffer bytes) {
        use.answered(bytes.remaining());
        asked();
        return bytes;
    }

    @Override
    public boolean heldUp() {
        return heldUp;
    }

    @Override
    public void abort() {
        Relay.abort(client, guest);
    }

    /** Detects when a client has sent what a server can answer: all headers of an HTTP request, else any byte. */
    static final class FirstRequest {
        private final boolean http;
        private int seen;
        private boolean lineIsEmpty;
        private boolean whole;

        FirstRequest(boolean http) {
            this.http = http;
        }

        /** @param count how many of these bytes it sends next */
        boolean isWhole(byte[] bytes, int from, int count) {
            for (int i = from; i < from + count && !whole; i++) {
                take(bytes[i]);
            }
            return whole;
        }

        private void take(byte next) {
            boolean noMethod = seen == 0 && (next < 'A' || next > 'Z');
            boolean end = next == '\n' && lineIsEmpty;
            seen++;
            whole = !http || noMethod || end || seen > HttpRouter.MAX_HEAD;
            lineIsEmpty = next == '\n' || (next == '\r' && lineIsEmpty);
        }
    }
}
