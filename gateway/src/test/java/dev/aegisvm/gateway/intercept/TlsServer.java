package dev.aegisvm.gateway.intercept;

import module java.base;

/** A server of a test's own that speaks TLS for one name, with a certificate of an authority of its own. */
final class TlsServer implements AutoCloseable {
    final Path bundle;
    private final ServerSocket socket;
    private final SSLContext context;
    private final Service service;

    /** What it does with each connection. */
    interface Service {
        void serve(SSLSocket client) throws IOException;
    }

    TlsServer(Path directory, String name, Service service) throws IOException {
        CertificateAuthority authority = new CertificateAuthority(directory.resolve("upstream.pem"));
        this.bundle = Files.writeString(directory.resolve("bundle.pem"), authority.pem());
        this.context = authority.server(name);
        this.service = service;
        this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(socket.getLocalSocketAddress());
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException end) {
            bundle.toFile().deleteOnExit();
        }
    }

    private void serve(Socket plain) {
        try (SSLSocket client = (SSLSocket)
                context.getSocketFactory().createSocket(plain, new ByteArrayInputStream(new byte[0]), true)) {
            client.setHandshakeApplicationProtocolSelector(
                    (tls, offered) -> offered.contains("http/1.1") ? "http/1.1" : null);
            service.serve(client);
        } catch (IOException end) {
            System.err.println("the server: " + end);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
