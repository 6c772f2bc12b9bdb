package dev.aegisvm.daemon.router;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.PortMapping.PortProtocol;
import dev.aegisvm.daemon.instance.InstanceSpec.ExposedPort;
import dev.aegisvm.daemon.instance.PublicPorts;
import dev.aegisvm.daemon.instance.PublicPorts.*;
import dev.aegisvm.daemon.task.Task;
import dev.aegisvm.host.HostError;
import java.lang.System.Logger.Level;

/** All ports of the host that belong to instances, by their numbers. */
public final class Router implements PublicPorts, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Router.class.getName());
    private static final int FIRST_RANDOM = 20_000;
    private static final int RANDOM_PORTS = 10_000;
    /** Of a port for one connection. */
    private static final int INNER_BACKLOG = 16;

    private final Clients clients;
    private final Map<Integer, PublicPort> taken = new ConcurrentHashMap<>();
    /** Those of guests for other guests, which need no port of the host. One is there while a guest is connected to it. */
    private final Map<Place, Shared> inner = new ConcurrentHashMap<>();

    private volatile HttpState http = new HttpState(Optional.empty(), Optional.empty());
    private volatile boolean closed;

    private record Place(Reachable instance, int guestPort) {}

    private record Shared(GuestPort port, int connections) {
        Shared with(int more) {
            return new Shared(port, connections + more);
        }
    }

    public Router(Clients clients) {
        this.clients = clients;
    }

    public void httpIs(HttpState now) {
        http = now;
    }

    @Override
    public HttpState http() {
        return http;
    }

    @Override
    public List<ExposedPort> take(List<ExposedPort> wanted) {
        List<ExposedPort> ports = new ArrayList<>();
        try {
            for (ExposedPort wish : wanted) {
                int number = wish.publicPort() == ExposedPort.ANY ? takeAny() : takeNumber(wish.publicPort());
                ports.add(new ExposedPort(wish.guestPort(), number, wish.protocol()));
            }
            return ports;
        } catch (ApiException obstacle) {
            release(ports);
            throw obstacle;
        }
    }

    private int takeNumber(int number) {
        try {
            if (takes(number)) {
                return number;
            }
        } catch (IOException obstacle) {
            throw ErrorCode.PORT_IN_USE.refusal(
                    "port " + number + " of the host is not available: " + HostError.reason(obstacle),
                    "choose another public port, or leave it out to get a free one");
        }
        throw ErrorCode.PORT_IN_USE.refusal(
                "port " + number + " of the host belongs to another instance",
                "choose another public port, or delete that instance");
    }

    private int takeAny() {
        int start = ThreadLocalRandom.current().nextInt(RANDOM_PORTS);
        for (int i = 0; i < RANDOM_PORTS; i++) {
            int number = FIRST_RANDOM + (start + i) % RANDOM_PORTS;
            try {
                if (takes(number)) {
                    return number;
                }
            } catch (IOException anothers) {
                // Another program has it.
            }
        }
        throw ErrorCode.PORT_IN_USE.refusal(
                "no port of " + FIRST_RANDOM + ".." + (FIRST_RANDOM + RANDOM_PORTS - 1) + " is free",
                "delete instances that you do not need");
    }

    /** Takes a number and binds it; false when it belongs to an instance. */
    private boolean takes(int number) throws IOException {
        PublicPort port = new PublicPort(number);
        if (taken.putIfAbsent(number, port) != null) {
            return false;
        }
        try {
            port.bind();
            return true;
        } catch (IOException obstacle) {
            taken.remove(number, port);
            throw obstacle;
        }
    }

    @Override
    public void keep(List<ExposedPort> ports) {
        ports.forEach(port -> taken.put(port.publicPort(), new PublicPort(port.publicPort())));
    }

    @Override
    public void open(List<ExposedPort> ports, Reachable instance) {
        if (closed) {
            return;
        }
        ports.forEach(port -> find(port).ifPresent(known -> known.open(new GuestPort(instance, port, clients))));
    }

    @Override
    public void close(List<ExposedPort> ports) {
        ports.forEach(port -> find(port).ifPresent(PublicPort::close));
    }

    @Override
    public void release(List<ExposedPort> ports) {
        close(ports);
        ports.forEach(port -> taken.remove(port.publicPort()));
    }

    @Override
    public boolean isBound(ExposedPort port) {
        return find(port).map(PublicPort::isBound).orElse(false);
    }

    private Optional<PublicPort> find(ExposedPort port) {
        return Optional.ofNullable(taken.get(port.publicPort()));
    }

    /** The guest is woken, and waited for, meanwhile. */
    @Override
    public SocketChannel connect(Reachable instance, int guestPort) throws IOException {
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), INNER_BACKLOG);
            SocketChannel client = SocketChannel.open(listening.getLocalAddress());
            try {
                SocketChannel server = accepted(listening, client.getLocalAddress());
                Place place = new Place(instance, guestPort);
                Task.start("inner-connection", () -> relay(place, server), bug -> Relay.abort(server, null));
                return client;
            } catch (IOException obstacle) {
                client.close();
                throw obstacle;
            }
        }
    }

    /** All other guests are refused at that port. */
    private static SocketChannel accepted(ServerSocketChannel listening, SocketAddress wanted) throws IOException {
        SocketChannel server = listening.accept();
        while (!wanted.equals(server.getRemoteAddress())) {
            LOG.log(Level.WARNING, "another program connected to an internal port; connection refused");
            server.close();
            server = listening.accept();
        }
        return server;
    }

    private void relay(Place place, SocketChannel client) {
        Shared shared = Objects.requireNonNull(
                inner.compute(place, (_, had) -> had == null ? new Shared(port(place), 1) : had.with(1)));
        try {
            new RelayedConnection(client, shared.port()).run();
        } finally {
            inner.computeIfPresent(place, (_, had) -> had.connections() == 1 ? null : had.with(-1));
        }
    }

    private GuestPort port(Place place) {
        return new GuestPort(place.instance(), new ExposedPort(place.guestPort(), 0, PortProtocol.TCP), clients);
    }

    @Override
    public void close() {
        closed = true;
        taken.values().forEach(PublicPort::close);
    }
}
