package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.daemon.task.Task;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A port of the host that belongs to an instance. It can be bound or not, and open to clients or not. */
final class PublicPort {
    private static final System.Logger LOG = System.getLogger(PublicPort.class.getName());
    private static final Executor AFTER_A_SECOND =
            CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, Thread::startVirtualThread);

    private final int number;
    private final Set<RelayedConnection> connections = ConcurrentHashMap.newKeySet();
    private @Nullable Listener listener;
    private volatile @Nullable GuestPort guest;
    private boolean complained;

    PublicPort(int number) {
        this.number = number;
    }

    /** Takes the port from the host, as {@link Listener#bind}; clients wait until it is opened. */
    synchronized void bind() throws IOException {
        listener = Listener.bind(number);
    }

    synchronized boolean isBound() {
        return listener != null;
    }

    /** Opens the port to clients, as soon as it is free. */
    synchronized void open(GuestPort to) {
        guest = to;
        listen(to);
    }

    private synchronized void listen(GuestPort to) {
        if (guest != to) {
            return;
        }
        try {
            if (listener == null) {
                listener = Listener.bind(number);
            }
            listener.accept(this::accepted);
            complained = false;
        } catch (IOException taken) {
            if (!complained) {
                LOG.log(Level.WARNING, "port " + number + " of " + to.name() + " is in use, trying again: " + taken);
                complained = true;
            }
            AFTER_A_SECOND.execute(() -> listen(to));
        }
    }

    private boolean accepted(SocketChannel client) {
        GuestPort to = guest;
        if (to == null) {
            Relay.abort(client, null);
            return true;
        }
        RelayedConnection connection = new RelayedConnection(client, to);
        connections.add(connection);
        if (guest != to) {
            connection.abort(); // The thread that closed the port meanwhile may not have seen it.
        }
        Task.start("connection", () -> relay(connection), bug -> connection.abort());
        return !to.clients().isFull();
    }

    private void relay(RelayedConnection connection) {
        try {
            connection.run();
        } finally {
            connections.remove(connection);
        }
    }

    void close() {
        Listener open;
        synchronized (this) {
            guest = null;
            open = listener;
            listener = null;
        }
        if (open != null) {
            open.close();
        }
        connections.forEach(RelayedConnection::abort);
    }
}
