package dev.aegisvm.daemon.router;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.http.ApiServer;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable.Route;

/** The HTTP router before a guest's server, for clients that send anything; one for all inputs of a fuzzer. */
final class FuzzedRouter {
    private static final int LIMIT_MS = 10_000;

    private final RawGuest guest;
    private final int port;

    private FuzzedRouter() {
        try {
            guest = new RawGuest();
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
        AwakeInstance instance = new AwakeInstance();
        CompletableFuture<String> address = new CompletableFuture<>();
        // Not closed: it serves until the process ends.
        Clients clients = Clients.of(OptionalLong.empty());
        HttpRouter router = new HttpRouter(
                ApiServer.newVertx(), clients, AwakeInstance.share(), name -> new Route(instance, guest.port()));
        router.listen(0, state -> {
            state.address().ifPresent(address::complete);
            state.obstacle().ifPresent(sentence -> address.completeExceptionally(new IOException(sentence)));
        });
        String where = address.join();
        port = Integer.parseInt(where.substring(where.indexOf(':') + 1));
    }

    /** Made when it is first used. */
    static final class Only {
        static final FuzzedRouter ROUTER = new FuzzedRouter();

        private Only() {}
    }

    /** What a client gets that sends this, and nothing more, where the guest's server answers so. */
    String exchange(byte[] request, byte[] answer, boolean halfClosed)
            throws IOException, InterruptedException, TimeoutException {
        guest.answers(answer);
        String got;
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(LIMIT_MS);
            got = sent(client, request, halfClosed);
        }
        assertThat(guest.fault()).isEmpty();
        return got;
    }

    /** Sends a part of a request, and leaves when the guest's server has a connection for it. */
    void leave(byte[] part) throws IOException, InterruptedException, TimeoutException {
        guest.answers(new byte[0]);
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream().write(part);
            guest.awaitConnection();
        }
        assertThat(guest.fault()).isEmpty();
    }

    private static String sent(Socket client, byte[] request, boolean halfClosed) throws IOException {
        try {
            client.getOutputStream().write(request);
            if (halfClosed) {
                client.shutdownOutput();
            }
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (java.net.SocketException reset) {
            return "";
        }
    }

    /** Asserts that it is an answer, or nothing at all; cut short it may be, and one to another protocol names that. */
    static void check(String answer) {
        String line = answer.lines().findFirst().orElse("");
        assertThat(line)
                .matches("|\\S+ (1[0-9][0-9]|[2-5][0-9][0-9])( [^\\p{Cntrl}]*)?")
                .doesNotContain(" 500 ");
    }
}
