package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.bench.Sandbox.Instance;

/**
 * What clients wait for of an instance that runs {@code load-target.c}. One at a time, by the state of the instance, is
 * a part of {@link Soak}.
 */
final class LoadTarget {
    static final int HTTP = 80;
    static final int ECHO = 81;

    private static final int READ_LIMIT_MS = 120_000;
    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private LoadTarget() {}

    static void wake(Sandbox sandbox, Turns turns) throws IOException {
        try (Instance target = sandbox.start(create(sandbox, HTTP))) {
            long daemon = sandbox.daemon();
            for (int clients : List.of(1, 10, 100, 1000)) {
                turns.keep("wake.memory.before." + clients, Usage.residentMb(daemon));
                Usage.forgetHighest(daemon);
                storm(target, turns, clients);
                turns.keep("wake.memory." + clients, Usage.highestMb(daemon));
            }
        }
    }

    /** They have to cause one boot; and the same of an instance that runs. */
    private static void storm(Instance target, Turns turns, int clients) throws IOException {
        AtomicLong before = new AtomicLong();
        Turns.Task storm = () -> Turns.atOnce(Collections.nCopies(clients, () -> get(target)));
        turns.step(() -> {
            target.call(Routes.STOP);
            before.set(boots(target));
        });
        turns.time("wake.storm." + clients, storm);
        turns.step(() -> {
            long boots = boots(target) - before.get();
            if (boots != 1) {
                throw new IOException(clients + " clients at once caused " + boots + " boots, not one");
            }
        });
        turns.time("wake.storm.running." + clients, storm);
        turns.run(1, 5);
    }

    private static long boots(Instance target) throws IOException {
        return target.call(Routes.STATS).wakes().stopped().count();
    }

    /** A byte over an open connection and back, in turn with a virtio port that has a VM of its own. */
    static void relay(Sandbox sandbox, Turns turns) throws IOException {
        try (CopierVm port = CopierVm.start(sandbox);
                Instance target = sandbox.start(create(sandbox, HTTP, ECHO));
                Socket socket = connect(target, ECHO)) {
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

    static Socket connect(Instance target, int port) throws IOException {
        Socket socket =
                new Socket(InetAddress.ofLiteral("127.0.0.1"), target.ports().get(port - HTTP));
        socket.setSoTimeout(READ_LIMIT_MS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** From the connect to the first byte of an HTTP answer. */
    static void get(Instance target) throws IOException {
        try (Socket socket = connect(target, HTTP)) {
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
