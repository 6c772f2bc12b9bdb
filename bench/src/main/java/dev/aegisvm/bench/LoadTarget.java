package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.bench.Sandbox.Instance;

/**
 * An instance that runs {@code load-target.c}, its ports on the host, and what their clients wait for. One at a time,
 * by the state of the instance, is a part of {@link Soak}. To close it deletes it.
 */
record LoadTarget(Instance instance, List<Integer> ports) implements AutoCloseable {
    static final int HTTP = 80;
    static final int ECHO = 81;

    private static final int READ_LIMIT_MS = 120_000;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    static void wake(Sandbox sandbox, Turns turns) throws IOException {
        try (LoadTarget target = start(sandbox, create(sandbox, HTTP))) {
            long daemon = sandbox.daemon();
            for (int clients : List.of(1, 10, 100, 1000)) {
                turns.keep("wake.memory.before." + clients, Usage.residentMb(daemon));
                Usage.forgetHighest(daemon);
                target.storm(turns, clients);
                turns.keep("wake.memory." + clients, Usage.highestMb(daemon));
            }
        }
    }

    /** They have to cause one boot; and the same of an instance that runs. */
    private void storm(Turns turns, int clients) throws IOException {
        AtomicLong before = new AtomicLong();
        Turns.Task storm = () -> Turns.atOnce(Collections.nCopies(clients, this::get));
        turns.step(() -> {
            instance.call(Routes.STOP);
            before.set(boots());
        });
        turns.time("wake.storm." + clients, storm);
        turns.step(() -> {
            long boots = boots() - before.get();
            if (boots != 1) {
                throw new IOException(clients + " clients at once caused " + boots + " boots, not one");
            }
        });
        turns.time("wake.storm.running." + clients, storm);
        turns.run(1, 5);
    }

    private long boots() throws IOException {
        return instance.call(Routes.STATS).wakes().stopped().count();
    }

    /** A byte over an open connection and back, in turn with a virtio port that has a VM of its own. */
    static void relay(Sandbox sandbox, Turns turns) throws IOException {
        try (CopierVm port = CopierVm.start(sandbox);
                LoadTarget target = start(sandbox, create(sandbox, HTTP, ECHO));
                Socket socket = target.connect(ECHO)) {
            turns.time("relay.echo", () -> echo(socket));
            turns.time("relay.echo.port", port::echo);
            turns.run(20);
        }
    }

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
        List<InstanceView.Endpoint> endpoints = instance.call(Routes.GET).endpoints();
        return new LoadTarget(
                instance,
                endpoints.stream().map(InstanceView.Endpoint::publicPort).toList());
    }

    @Override
    public void close() throws IOException {
        instance.close();
    }

    Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), ports.get(port - HTTP));
        socket.setSoTimeout(READ_LIMIT_MS);
        socket.setTcpNoDelay(true);
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
