package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable;
import dev.aegisvm.daemon.task.Task;
import java.lang.System.Logger.Level;

/** Ports of guests for other guests, which need no port of the host. One is there while somebody is connected to it. */
final class InnerPorts {
    private static final System.Logger LOG = System.getLogger(InnerPorts.class.getName());
    private static final int BACKLOG = 16;

    private final Clients clients;
    private final Map<Place, Shared> busy = new ConcurrentHashMap<>();

    private record Place(Reachable instance, int guestPort) {}

    private record Shared(GuestPort port, int connections) {
        Shared with(int more) {
            return new Shared(port, connections + more);
        }
    }

    private record Ends(SocketChannel client, SocketChannel server) {}

    InnerPorts(Clients clients) {
        this.clients = clients;
    }

    /** Connects; the guest is woken, and waited for, meanwhile. */
    SocketChannel connect(Reachable instance, int guestPort) throws IOException {
        Ends ends = pair();
        Task.start(
                "inner-connection",
                () -> relay(new Place(instance, guestPort), ends.server()),
                bug -> Relay.abort(ends.server(), null));
        return ends.client();
    }

    private void relay(Place place, SocketChannel client) {
        Shared shared = Objects.requireNonNull(
                busy.compute(place, (_, had) -> had == null ? new Shared(port(place), 1) : had.with(1)));
        try {
            new RelayedConnection(client, shared.port()).run();
        } finally {
            busy.computeIfPresent(place, (_, had) -> had.connections() == 1 ? null : had.with(-1));
        }
    }

    private GuestPort port(Place place) {
        return new GuestPort(place.instance(), new ExposedPort(place.guestPort(), 0, PortProtocol.TCP), clients);
    }

    private static Ends pair() throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            SocketChannel client = SocketChannel.open(listening.getLocalAddress());
            try {
                return new Ends(client, accepted(listening, client.getLocalAddress()));
            } catch (IOException obstacle) {
                client.close();
                throw obstacle;
            }
        }
    }

    /** Whoever else comes to that port is sent away. */
    private static SocketChannel accepted(ServerSocketChannel listening, SocketAddress wanted) throws IOException {
        SocketChannel server = listening.accept();
        while (!wanted.equals(server.getRemoteAddress())) {
            LOG.log(Level.WARNING, "another program connected to an internal port; connection refused");
            server.close();
            server = listening.accept();
        }
        return server;
    }
}
