package dev.aegisvm.daemon.router;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.http.ApiServer;
import dev.aegisvm.daemon.instance.PublicPorts.HttpState;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable.Route;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/** The HTTP router between raw sockets and servers that stand for instances: one is awake, two sleeps, raw says anything. */
final class RoutedServers implements AutoCloseable {
    static final int READ_LIMIT_MS = 20_000;
    /** Of clients that ask for nothing; "/slow" takes longer. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final int MEGABYTE = 1 << 20;

    final Vertx vertx = ApiServer.newVertx();
    final AwakeInstance awake = new AwakeInstance();
    final AwakeInstance sleeping = new AwakeInstance();
    final int port;
    private final HttpRouter router;
    private volatile String rawAnswer = "";

    RoutedServers(Clients clients) {
        this(clients, AwakeInstance.share());
    }

    /** @param share what clients may make the router hold */
    RoutedServers(Clients clients, ForeignBudget.Share share) {
        sleeping.sleeps();
        int one = server("one");
        int two = server("two");
        router = new HttpRouter(vertx, clients, share, name -> route(name, one, two));
        RouterState state = new RouterState();
        router.listen(0, state);
        port = portOf(state.address.join());
    }

    @Override
    public void close() {
        router.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** What the server {@code raw} says to each request from now on. */
    void raw(String answer) {
        rawAnswer = answer;
    }

    private Route route(Optional<String> name, int one, int two) {
        return switch (name.orElse("one")) {
            case "one" -> new Route(awake, one);
            case "two" -> new Route(sleeping, two);
            case "raw" -> new Route(awake, rawServer(rawAnswer));
            case "bug" -> throw new NoClassDefFoundError("dev/aegisvm/Replaced");
            default -> throw ErrorCode.NOT_FOUND.refusal("there is no instance '" + name.orElse("") + "'");
        };
    }

    private static int portOf(String address) {
        assertThat(address).startsWith("127.0.0.1:");
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    private int server(String name) {
        HttpServer server = vertx.createHttpServer(new HttpServerOptions())
                .webSocketHandler(socket -> socket.handler(socket::write))
                .requestHandler(request -> serve(name, request));
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private static void serve(String name, HttpServerRequest request) {
        switch (request.path()) {
            case "/headers" -> {
                StringBuilder seen = new StringBuilder(name).append('\n');
                request.headers()
                        .forEach((key, value) -> seen.append(key.toLowerCase(java.util.Locale.ROOT))
                                .append('=')
                                .append(value)
                                .append('\n'));
                request.response().end(seen.toString());
            }
            case "/digest" ->
                request.body().onSuccess(body -> request.response().end(digest(body.getBytes())));
            case "/slow" -> {
                var _ = Vertx.currentContext()
                        .owner()
                        .setTimer(
                                PATIENCE.multipliedBy(3).toMillis(),
                                now -> request.response().end(name));
            }
            case "/nothing" -> request.response().setStatusCode(204).end();
            case "/large" -> {
                request.response().setChunked(true);
                for (int i = 0; i < 16; i++) {
                    request.response().write(Buffer.buffer(new byte[MEGABYTE]));
                }
                request.response().end();
            }
            default -> request.response().setStatusCode(404).end(name);
        }
    }

    /** A server that says what no decent one would. */
    private static int rawServer(String answer) {
        try {
            ServerSocket server = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            Thread.ofVirtual().start(() -> {
                try (server;
                        Socket client = server.accept()) {
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                    client.getInputStream().readAllBytes();
                } catch (IOException gone) {
                    // The test is over.
                }
            });
            return server.getLocalPort();
        } catch (IOException obstacle) {
            throw new java.io.UncheckedIOException(obstacle);
        }
    }

    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** An answer as it came over the wire. */
    record Reply(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(READ_LIMIT_MS);
        return socket;
    }

    static Reply reply(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended after: " + head);
            }
            head.append((char) next);
        }
        String lower = head.toString().toLowerCase(java.util.Locale.ROOT);
        int at = lower.indexOf("content-length: ");
        int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 16, lower.indexOf('\r', at)));
        return new Reply(head.toString(), new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }

    Reply send(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return reply(new BufferedInputStream(socket.getInputStream()));
        }
    }

    static String get(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost:8099\r\n" + headers + "\r\n";
    }

    /** All that comes; a reset counts as the end. */
    static String untilClosed(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketTimeoutException open) {
            throw open;
        } catch (SocketException reset) {
            // What came before counts.
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** What a router says of itself. */
    static final class RouterState implements Consumer<HttpState> {
        final CompletableFuture<String> address = new CompletableFuture<>();
        final CompletableFuture<String> obstacle = new CompletableFuture<>();

        @Override
        public void accept(HttpState now) {
            now.address().ifPresent(address::complete);
            now.obstacle().ifPresent(obstacle::complete);
        }
    }
}
