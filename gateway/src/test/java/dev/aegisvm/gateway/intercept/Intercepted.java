package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.*;
import dev.aegisvm.gateway.policy.*;

/** An instance with secrets for {@code api.test}, whose connections to a test's server are intercepted. */
final class Intercepted implements AutoCloseable {
    static final String HOST = "api.test";
    static final String VALUE = "value-9f3a77c1";
    static final Destination DESTINATION = new Destination.Named(HOST, 443);

    final BoundSecret key;
    final BoundSecret other;
    final Map<String, String> values = new ConcurrentHashMap<>(Map.of("KEY", VALUE, "OTHER", "other-value"));
    private final Policy policy;
    private final Interception.Door door;
    final Placeholders placeholders;
    /** Values that are not to be in logs. */
    final Set<String> hidden = ConcurrentHashMap.newKeySet();

    final Path trusted;
    private final SSLContext client;
    private final TlsServer server;
    private Optional<SocketChannel> next = Optional.empty();
    private final List<Closeable> open = new CopyOnWriteArrayList<>();

    Intercepted(Path directory, TlsServer server) throws Exception {
        this.server = server;
        key = BoundSecret.parse("KEY@" + HOST, List.of(BoundSecret.newPlaceholder()));
        other = BoundSecret.parse("OTHER@other.test", List.of(BoundSecret.newPlaceholder()));
        policy = new Policy(Mode.ALLOW, List.of(key.rule(), other.rule()), List.of(), new Nearby(Set::of));
        CertificateAuthority authority = new CertificateAuthority(directory.resolve("ca.p12"));
        trusted = Files.writeString(directory.resolve("trusted.pem"), authority.pem());
        client = new SystemTrust(Map.of("SSL_CERT_FILE", trusted.toString())).client();
        SystemTrust trust = new SystemTrust(Map.of("SSL_CERT_FILE", server.bundle.toString()));
        door = new Interception.Door(authority, trust, this::value);
        placeholders = new Placeholders(List.of(key, other), this::value, hidden::addAll);
    }

    private String value(String name) throws Refusal {
        String value = values.get(name);
        if (value == null) {
            throw new Refusal("there is no secret '" + name + "'");
        }
        return value;
    }

    /**
     * A program's connection.
     *
     * @param outcome completes with what it ended by: empty, or what was refused
     */
    record Connection(Socket plain, CompletableFuture<String> outcome) {
        String refusal() throws Exception {
            return outcome.get(20, TimeUnit.SECONDS);
        }
    }

    /** The next connection leads there, as if that were its host. */
    void next(SocketChannel elsewhere) {
        next = Optional.of(elsewhere);
    }

    Connection connect() throws IOException {
        Socket[] pair = pair();
        SocketChannel upstream = next.isPresent() ? next.get() : server.connect();
        next = Optional.empty();
        open.addAll(List.of(pair[0], pair[1], upstream));
        CompletableFuture<String> outcome = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> outcome.complete(intercept(pair[1], upstream)));
        return new Connection(pair[0], outcome);
    }

    private static Socket[] pair() throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Socket near = new Socket(listening.getInetAddress(), listening.getLocalPort());
            near.setSoTimeout(20_000);
            return new Socket[] {near, listening.accept()};
        }
    }

    private String intercept(Socket guest, SocketChannel upstream) {
        try (guest;
                Passage passage = TestPassages.byName(policy, DESTINATION, upstream)) {
            Interception.Guest end =
                    new Interception.Guest(guest.getInputStream(), new HalfClosing(guest), () -> close(guest));
            new Interception(door, placeholders, end, passage).run();
            return "";
        } catch (Refusal refusal) {
            return refusal.sentence();
        } catch (IOException broken) {
            return "broken: " + broken;
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** As a guest's stream has it. */
    private static final class HalfClosing extends FilterOutputStream {
        private final Socket socket;

        HalfClosing(Socket socket) throws IOException {
            super(socket.getOutputStream());
            this.socket = socket;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            out.write(bytes, offset, count);
        }

        @Override
        public void close() throws IOException {
            if (!socket.isOutputShutdown()) {
                socket.shutdownOutput();
            }
        }
    }

    /** TLS over a connection, verified by the home's authority. */
    SSLSocket tls(Connection connection, String name, String... protocols) throws IOException {
        SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(connection.plain(), name, 443, true);
        SSLParameters wanted = socket.getSSLParameters();
        wanted.setEndpointIdentificationAlgorithm("HTTPS");
        wanted.setApplicationProtocols(protocols);
        socket.setSSLParameters(wanted);
        return socket;
    }

    /** A port of the loopback where programs find the host, and the file by which they trust it. */
    int listen() throws IOException {
        ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        open.add(listening);
        Thread.ofVirtual().start(new FutureTask<>(() -> {
            while (!listening.isClosed()) {
                relay(listening.accept(), connect().plain());
            }
            return null;
        }));
        return listening.getLocalPort();
    }

    private void relay(Socket program, Socket guest) {
        open.add(program);
        copy(program, guest);
        copy(guest, program);
    }

    private static void copy(Socket from, Socket to) {
        Thread.ofVirtual().start(new FutureTask<>(() -> {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
            return null;
        }));
    }

    /** Sends bytes over a connection of their own, and returns all that comes back. */
    String exchange(Connection connection, String request) throws IOException {
        SSLSocket socket = tls(connection, HOST, "h2", "http/1.1");
        send(socket, request);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    static void send(SSLSocket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() throws IOException {
        for (Closeable each : open) {
            each.close();
        }
    }
}
