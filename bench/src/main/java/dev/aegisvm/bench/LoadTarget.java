package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;

/** An instance that runs {@code load-target.c}, and its ports on the host. To close it deletes it. */
record LoadTarget(Instance instance, List<Integer> ports) implements AutoCloseable {
    static final int HTTP = 80;
    static final int ECHO = 81;

    private static final int READ_LIMIT_MS = 120_000;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Compiles it; returns the request for an instance that runs it, exposes these ports and never sleeps. */
    static CreateInstance create(Sandbox sandbox, Integer... ports) throws IOException {
        Path program = Sandbox.compiled("load-target", sandbox.scratch("load-target"));
        return CreateInstance.of(List.of("/workspace/" + program.getFileName()))
                .withWorkspace(program.getParent() + ":ro")
                .withExposes(Stream.of(ports)
                        .map(port -> new PortMapping(port, null, "tcp"))
                        .toList())
                .withIdlePause("never")
                .withIdleStop("never");
    }

    static LoadTarget start(Sandbox sandbox, CreateInstance create) throws IOException {
        Instance instance = sandbox.start(create);
        return new LoadTarget(
                instance,
                instance.call(Routes.GET).endpoints().stream()
                        .map(InstanceView.Endpoint::publicPort)
                        .toList());
    }

    @Override
    public void close() throws IOException {
        instance.close();
    }

    Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), ports.get(port - HTTP));
        socket.setSoTimeout(READ_LIMIT_MS);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return socket;
    }

    /** From the connect to the first byte of an HTTP answer. */
    void get() throws IOException {
        try (Socket socket = connect(HTTP)) {
            exchange(socket, GET, 'H');
        }
    }

    /** Sends a byte to the port {@link #ECHO} and waits until it is back. */
    static void echo(Socket socket) throws IOException {
        exchange(socket, new byte[] {'x'}, 'x');
    }

    private static void exchange(Socket socket, byte[] request, char first) throws IOException {
        socket.getOutputStream().write(request);
        if (socket.getInputStream().read() != first) {
            throw new IOException("the load target does not answer as it should");
        }
    }
}
