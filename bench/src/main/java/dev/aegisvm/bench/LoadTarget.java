package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;

/** An instance that runs {@code load-target.c}, and its ports on the host. To close it deletes it. */
record LoadTarget(Instance instance, List<Integer> ports) implements AutoCloseable {
    static final int HTTP = 80;
    static final int ECHO = 81;

    private static final String NAME = "load-target";
    private static final int READ_LIMIT_MS = 120_000;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Compiles it; what to create so that it runs, from a workspace, with these ports exposed; it never sleeps by itself. */
    static CreateInstance create(Sandbox sandbox, Integer... ports) throws IOException {
        Path directory = sandbox.scratch(NAME);
        Programs.compile(NAME + ".c", directory.resolve(NAME));
        return CreateInstance.of(List.of("/workspace/" + NAME))
                .withWorkspace(directory + ":ro")
                .withExposes(Stream.of(ports)
                        .map(port -> new PortMapping(port, null, "tcp"))
                        .toList())
                .withIdlePause("never")
                .withIdleStop("never");
    }

    static LoadTarget start(Sandbox sandbox, CreateInstance create) throws IOException {
        Instance instance = sandbox.start(create);
        List<Endpoint> endpoints = instance.call(Routes.GET).endpoints();
        return new LoadTarget(
                instance, endpoints.stream().map(Endpoint::publicPort).toList());
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
            socket.getOutputStream().write(GET);
            if (socket.getInputStream().read() != 'H') {
                throw new IOException("no answer from the load target");
            }
        }
    }

    /** Sends a byte to the port {@link #ECHO} and waits until it is back. */
    static void echo(Socket socket) throws IOException {
        socket.getOutputStream().write('x');
        if (socket.getInputStream().read() != 'x') {
            throw new IOException("the byte did not come back");
        }
    }
}
