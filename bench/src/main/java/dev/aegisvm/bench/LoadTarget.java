package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.Endpoint;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.Tool;
import org.jspecify.annotations.Nullable;

/** An instance that runs {@code load-target.c}, and its ports on the host. */
record LoadTarget(DaemonClient client, String id, List<Integer> ports) implements AutoCloseable {
    static final String NAME = "load-target";
    static final int HTTP = 80;
    static final int ECHO = 81;
    /** Sends {@link Bytes#SIZE}. */
    static final int SOURCE = 82;
    /** Takes as much. */
    static final int SINK = 83;

    private static final int READ_LIMIT_MS = 120_000;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Compiles the program and starts it, from a workspace, in an instance that never sleeps by itself. */
    static LoadTarget start(Sandbox sandbox, DaemonClient client) throws IOException {
        Path directory = sandbox.scratch(NAME);
        build(directory, NAME);
        return start(sandbox, client, List.of("/workspace/" + NAME), directory.toString());
    }

    /** The same without a workspace: the program is on the instance's own disk. The instance is stopped. */
    static LoadTarget stopped(Sandbox sandbox, DaemonClient client) throws IOException {
        String program = build(sandbox.scratch(NAME), NAME).toString();
        String run =
                "if [ -x /root/%1$s ]; then exec /root/%1$s; else echo none; exec sleep infinity; fi".formatted(NAME);
        LoadTarget target = start(sandbox, client, List.of("sh", "-c", run), null);
        sandbox.aegis("cp", program, NAME + ":/root/" + NAME).output();
        target.stop();
        return target;
    }

    /** Compiles a program whose source is among the classes of the bench, to be static. */
    static Path build(Path directory, String name) throws IOException {
        Path source = Files.writeString(directory.resolve(name + ".c"), Programs.resource(name + ".c"));
        Path program = directory.resolve(name);
        Tool.run("gcc", "-O2", "-static", "-o", program.toString(), source.toString());
        return program;
    }

    private static LoadTarget start(
            Sandbox sandbox, DaemonClient client, List<String> command, @Nullable String workspace) throws IOException {
        CreateInstance create = CreateInstanceBuilder.builder()
                .command(command)
                .handle(NAME)
                .workspace(workspace)
                .exposes(IntStream.rangeClosed(HTTP, SINK)
                        .mapToObj(port -> new PortMapping(port, null, "tcp"))
                        .toList())
                .idlePause("never")
                .idleStop("never")
                .build();
        String id = sandbox.start(client, create);
        List<Endpoint> endpoints = client.call(Routes.GET, id).endpoints();
        return new LoadTarget(
                client, id, endpoints.stream().map(Endpoint::publicPort).toList());
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
