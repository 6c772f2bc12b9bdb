package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.*;
import dev.aegisvm.gateway.policy.Destination;
import dev.aegisvm.host.HostError;

/**
 * A connection of a guest to a host that a secret goes to. Its TLS ends here, with a certificate of the home's; other
 * TLS leads to the host, whose own certificate is verified. In between, values are put into the headers of requests.
 */
public final class Interception {
    private static final String PROTOCOL = "http/1.1";
    private static final int PATIENCE_SECONDS = 30;
    private static final int TLS = 0x16;
    private static final int BUFFER = 16_384;

    /** By what connections are intercepted: the authority that guests trust, and those that this host trusts. */
    public record Door(CertificateAuthority authority, SystemTrust trust, Placeholders.Source values) {}

    /** A guest's end. Closing {@code out} is a half-close; {@code reset} ends it at once, and may come twice. */
    public record Guest(InputStream in, OutputStream out, Runnable reset) {}

    private final Door door;
    private final Placeholders placeholders;
    private final Guest guest;
    private final Passage passage;
    private final Destination destination;

    /** @param placeholders the secrets of the guest's instance */
    public Interception(Door door, Placeholders placeholders, Guest guest, Passage passage) {
        this.door = door;
        this.placeholders = placeholders;
        this.guest = guest;
        this.passage = passage;
        this.destination = passage.destination();
    }

    /**
     * Passes requests and answers on until both sides have ended. Both ends are to be closed then.
     *
     * @throws Refusal when something was refused; the guest was told, where it can be
     */
    public void run() throws IOException {
        Socket socket = new StreamSocket();
        byte[] hello = hello(socket);
        FutureTask<SSLSocket> server = new FutureTask<>(this::server);
        Thread.ofVirtual().name("server-tls").start(server);
        SSLSocket client = client(socket, hello);
        try {
            new Conversation(client, Conversation.await(server), passage, placeholders, this::cut).run();
        } catch (Refusal refusal) {
            tell(refusal, client, refusal.page());
            throw refusal;
        }
    }

    /** What the client sends first, once it is known to be a greeting of TLS that means this host. */
    private byte[] hello(Socket socket) throws IOException {
        FirstFlight flight = passage.firstFlight();
        byte[] bytes = new byte[BUFFER];
        ByteBuffer passed = ByteBuffer.allocate(0);
        try {
            while (!passed.hasRemaining()) {
                int count = guest.in().read(bytes);
                if (count < 0) {
                    flight.end();
                    throw new EOFException("it sent nothing");
                }
                passed = flight.pass(ByteBuffer.wrap(bytes, 0, count));
            }
            if (passed.get(passed.position()) != TLS) {
                throw new Refusal("the data sent to " + destination.text()
                        + " is not TLS, which is required for hosts with a secret; use https://");
            }
        } catch (Refusal refusal) {
            ByteBuffer first = passed.hasRemaining() ? passed : flight.held();
            tell(refusal, socket, refusal.answerTo(first));
            throw refusal;
        }
        byte[] hello = new byte[passed.remaining()];
        passed.get(hello);
        return hello;
    }

    /** The client, for whom we are the host. It has some seconds to take us for that. */
    private SSLSocket client(Socket socket, byte[] hello) throws IOException {
        SSLSocketFactory sockets =
                door.authority().server(destination.host().orElseThrow()).getSocketFactory();
        SSLSocket client = (SSLSocket) sockets.createSocket(socket, new ByteArrayInputStream(hello), true);
        client.setEnabledCipherSuites(preferred(client));
        AtomicBoolean insists = new AtomicBoolean();
        client.setHandshakeApplicationProtocolSelector((_, offered) -> {
            insists.set(!offered.contains(PROTOCOL));
            return insists.get() ? null : PROTOCOL;
        });
        Future<?> late = ForkJoinPool.commonPool().schedule(guest.reset(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        try {
            client.startHandshake();
            return client;
        } catch (IOException failed) {
            throw new Refusal(
                    insists.get()
                            ? "a program in the guest requires HTTP/2 for " + destination.text()
                                    + ", but secrets work only with HTTP/1.1; use HTTP/1.1 (curl --http1.1)"
                            : "a program in the guest does not accept AegisVM's certificate for " + destination.text()
                                    + ", a host with a secret: " + failed.getMessage());
        } finally {
            late.cancel(false);
        }
    }

    /** Those first that Java computes fastest without its second compiler, which the daemon does without. */
    private static String[] preferred(SSLSocket socket) {
        return Stream.of(socket.getEnabledCipherSuites())
                .sorted(Comparator.comparing(suite -> !suite.contains("CHACHA20")))
                .toArray(String[]::new);
    }

    /** The host itself, as this host verifies it. */
    private SSLSocket server() throws IOException {
        Socket socket = passage.channel().socket();
        String host = destination.host().orElseThrow();
        try {
            socket.setSoTimeout(PATIENCE_SECONDS * 1000);
            SSLSocketFactory sockets = door.trust().client().getSocketFactory();
            SSLSocket server = (SSLSocket) sockets.createSocket(socket, host, destination.port(), true);
            SSLParameters wanted = server.getSSLParameters();
            wanted.setEndpointIdentificationAlgorithm("HTTPS");
            wanted.setServerNames(List.of(new SNIHostName(host)));
            wanted.setApplicationProtocols(new String[] {PROTOCOL});
            wanted.setCipherSuites(preferred(server));
            server.setSSLParameters(wanted);
            server.startHandshake();
            socket.setSoTimeout(0);
            return server;
        } catch (IOException obstacle) {
            String remedy = HostError.remedy(obstacle);
            throw new Refusal("cannot make a secure connection to " + destination.text() + ", so nothing was sent: "
                    + HostError.reason(obstacle) + (remedy.isEmpty() ? "" : "; " + remedy));
        }
    }

    /** Whatever else the client sends goes nowhere. */
    private void tell(Refusal refusal, Socket client, byte[] last) {
        try {
            client.getOutputStream().write(last);
            client.shutdownOutput();
            guest.out().close();
            guest.in().transferTo(OutputStream.nullOutputStream());
        } catch (IOException gone) {
            refusal.addSuppressed(gone);
        }
    }

    private void cut() {
        guest.reset().run();
        try {
            passage.channel().close();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** The guest's streams as a socket, which is what Java's TLS works over. */
    private final class StreamSocket extends Socket {
        @Override
        public InputStream getInputStream() {
            return guest.in();
        }

        @Override
        public OutputStream getOutputStream() {
            return guest.out();
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        /** A half-close. */
        @Override
        public void shutdownOutput() throws IOException {
            guest.out().close();
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
}
