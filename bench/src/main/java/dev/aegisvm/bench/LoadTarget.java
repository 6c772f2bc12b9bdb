package dev.aegisvm.bench;

import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.Endpoint;
import dev.aegisvm.api.PortMapping;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An instance that runs {@code load-target.c}, and its ports on the host. */
record LoadTarget(String id, List<Integer> ports) {
    static final int HTTP = 0;
    static final int ECHO = 1;
    static final int SOURCE = 2;
    static final int SINK = 3;
    /** What the source sends, and the sink is sent. */
    static final long BYTES = 256L << 20;

    private static final int FIRST_PORT = 80;
    private static final int PORTS = 4;
    private static final int READ_LIMIT_MS = 120_000;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Compiles the program and starts it in an instance that never sleeps by itself. */
    static LoadTarget start(Sandbox sandbox, DaemonClient client) throws IOException {
        Path directory = sandbox.scratch("load-target");
        compile(directory);
        List<PortMapping> exposes = List.of(mapping(0), mapping(1), mapping(2), mapping(PORTS - 1));
        CreateInstance create = new CreateInstance(
                List.of("/workspace/load-target"),
                "load-target",
                null,
                directory.toString(),
                Map.of(),
                List.of(),
                exposes,
                null,
                null,
                null,
                null,
                "never",
                "never",
                null);
        String id = sandbox.startAndAwaitOutput(client, create);
        return new LoadTarget(
                id,
                client.get(id).endpoints().stream().map(Endpoint::publicPort).toList());
    }

    private static PortMapping mapping(int index) {
        return new PortMapping(FIRST_PORT + index, null, "tcp");
    }

    private static void compile(Path directory) throws IOException {
        Path source = directory.resolve("load-target.c");
        try (InputStream text = LoadTarget.class.getResourceAsStream("load-target.c")) {
            if (text == null) {
                throw new IOException("load-target.c is not among the classes");
            }
            Files.write(source, text.readAllBytes());
        }
        String program = directory.resolve("load-target").toString();
        int code = TimedProcess.of(List.of("gcc", "-O2", "-static", "-o", program, source.toString()), Map.of())
                .run()
                .exitCode();
        if (code != 0) {
            throw new IOException("gcc ended with " + code + " for " + source);
        }
    }

    Socket connect(int index) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), ports.get(index));
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
            return (System.nanoTime() - begin) / 1e6;
        }
    }
}
