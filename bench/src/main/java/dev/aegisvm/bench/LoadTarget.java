package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.Tool;

/** An instance that runs {@code load-target.c}, and its ports on the host. */
record LoadTarget(DaemonClient client, String id, List<Integer> ports) implements AutoCloseable {
    static final String NAME = "load-target";
    static final int HTTP = 80;
    static final int ECHO = 81;

    private static final int READ_LIMIT_MS = 120_000;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Compiles the program and starts it, from a workspace, in an instance that never sleeps by itself. */
    static LoadTarget start(Sandbox sandbox, DaemonClient client) throws IOException {
        return start(sandbox, client, fromWorkspace(sandbox, HTTP, ECHO).withHandle(NAME));
    }

    /** Compiles it; what to create so that it runs, from a workspace, with these ports exposed. */
    static CreateInstance fromWorkspace(Sandbox sandbox, Integer... ports) throws IOException {
        Path directory = sandbox.scratch(NAME);
        build(directory, NAME);
        return CreateInstance.of(List.of("/workspace/" + NAME))
                .withWorkspace(directory + ":ro")
                .withExposes(Stream.of(ports)
                        .map(port -> new PortMapping(port, null, "tcp"))
                        .toList())
                .withIdlePause("never")
                .withIdleStop("never");
    }

    static LoadTarget start(Sandbox sandbox, DaemonClient client, CreateInstance create) throws IOException {
        String id = sandbox.start(client, create);
        List<Endpoint> endpoints = client.call(Routes.GET, id).endpoints();
        return new LoadTarget(
                client, id, endpoints.stream().map(Endpoint::publicPort).toList());
    }

    /** The same, asked of through another client. */
    LoadTarget by(DaemonClient other) {
        return new LoadTarget(other, id, ports);
    }

    /** Compiles a program whose source is among the classes of the bench, to be static. */
    static Path build(Path directory, String name) throws IOException {
        Path source = Files.writeString(directory.resolve(name + ".c"), Programs.resource(name + ".c"));
        Path program = directory.resolve(name);
        Tool.run("gcc", "-O2", "-static", "-o", program.toString(), source.toString());
        return program;
    }

    void stop() throws IOException {
        client.call(Routes.STOP, id);
    }

    /** Deletes the instance; the client stays open. */
    @Override
    public void close() throws IOException {
        client.call(Routes.DELETE, id);
    }

    Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), ports.get(port - HTTP));
        socket.setSoTimeout(READ_LIMIT_MS);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return socket;
    }

    /** Milliseconds from the connect to the first byte of an HTTP answer. */
    double firstByteMillis() throws IOException {
        long begin = System.nanoTime();
        try (Socket socket = connect(HTTP)) {
            socket.getOutputStream().write(GET);
            if (socket.getInputStream().read() != 'H') {
                throw new IOException("no answer from the load target");
            }
            return Turns.since(begin);
        }
    }
}
