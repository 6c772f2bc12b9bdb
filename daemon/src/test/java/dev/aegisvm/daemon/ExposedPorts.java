package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;

/** What tests do with the ports of a daemon's instances, in whose guests a server sends back what it gets. */
record ExposedPorts(DaemonHarness daemon) {
    static final String HELLO = "hello";
    private static final Pattern PUBLIC_PORT = Pattern.compile("\"public_port\":(\\d+)");
    private static final int READ_LIMIT_MS = 20_000;

    static String body(String handle, String exposes) {
        return "{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\",\"exposes\":[" + exposes + "]}";
    }

    String info(String handle) throws IOException {
        return daemon.http.get("/v1/instances/" + handle).body();
    }

    String logs(String handle) throws IOException {
        return daemon.http.get("/v1/instances/" + handle + "/logs").body();
    }

    void post(String handle, String verb) throws IOException {
        Http.Answer answer = daemon.http.post("/v1/instances/" + handle + "/" + verb, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    int publicPort(String handle) throws IOException {
        return publicPorts(info(handle)).getFirst();
    }

    /** The ports of the host that an instance is told to have. */
    static List<Integer> publicPorts(String instance) {
        return PUBLIC_PORT
                .matcher(instance)
                .results()
                .map(port -> Integer.valueOf(port.group(1)))
                .toList();
    }

    /** Creates an instance with one exposed port and waits until it runs; returns the host's port. */
    int running(String handle, int guestPort) throws IOException {
        daemon.create(body(handle, "{\"port\":" + guestPort + "}"));
        daemon.awaitState(handle, "running");
        return publicPort(handle);
    }

    /** A port of the loopback that was free a moment ago. */
    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(READ_LIMIT_MS);
        return socket;
    }

    static String echoed(Socket socket) throws IOException {
        socket.getOutputStream().write(HELLO.getBytes(StandardCharsets.UTF_8));
        return new String(socket.getInputStream().readNBytes(HELLO.length()), StandardCharsets.UTF_8);
    }

    static void assertEchoes(int port) throws IOException {
        try (Socket socket = connect(port)) {
            assertThat(echoed(socket)).isEqualTo(HELLO);
        }
    }

    static void assertRefused(int port) {
        assertThatThrownBy(() -> connect(port).close()).isInstanceOf(ConnectException.class);
    }
}
