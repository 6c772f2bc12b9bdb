package dev.aegisvm.vmm.fake;

import module java.base;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/**
 * Plays the harness. Its programs are: {@code print TEXT…} (a line to stdout, the others to stderr), {@code exit N},
 * {@code cat}, {@code sleep}, {@code greet TEXT} (which prints it and sleeps), {@code deaf} (which does not even read), {@code flood BYTES}, {@code env NAME}, {@code oom}; {@code missing} and {@code broken} do not
 * start. Port 80 has a server that sends back what it gets; others have one from {@link #listen} on.
 */
public final class ScriptedGuest {
    private final Dialer dialer;
    private volatile boolean again;
    private final Runnable runs;
    private final Runnable poweredOff;
    private final Map<String, ScriptedProcess> processes = new ConcurrentHashMap<>();
    private final Map<Long, ScriptedProcess> stdins = new ConcurrentHashMap<>();
    private final ScriptedWire wire = new ScriptedWire();
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final Map<Integer, String> listening = new ConcurrentHashMap<>();
    private final BlockingQueue<byte[]> resolved = new LinkedBlockingQueue<>();
    private volatile boolean busy;
    private volatile boolean busyNetwork;
    private volatile boolean endsInSilence;
    private long cpuMs = 1;
    private long netBytes = 1;
    private long lookedAt = System.nanoTime();
    private volatile long bornAt = lookedAt;
    private final List<SocketChannel> lost = new CopyOnWriteArrayList<>();
    /** What is to be said when there is a session again. */
    private final Queue<String> unsaid = new ConcurrentLinkedQueue<>();

    /** Whether the host has said HELLO on the connection. */
    private volatile boolean talks;

    private boolean frozen;
    private volatile boolean closed;

    /** Connects to the host. */
    interface Dialer {
        SocketChannel dial() throws IOException;
    }

    /**
     * A guest that does nothing until {@link #start}.
     *
     * @param again whether it dials again when the host hangs up
     * @param runs is called whenever it does something
     * @param poweredOff is called when it ends
     */
    ScriptedGuest(Dialer dialer, boolean again, Runnable runs, Runnable poweredOff) {
        this.dialer = dialer;
        this.again = again;
        this.runs = runs;
        this.poweredOff = poweredOff;
        listening.put(80, "cat");
    }

    void start() throws IOException {
        connect(dialer.dial());
    }

    /** What it has in its memory: how long it has been up. */
    String memory() {
        return Long.toString((System.nanoTime() - bornAt) / 1_000_000);
    }

    /** Goes on from there. */
    void remember(String memory) {
        bornAt = System.nanoTime() - Long.parseLong(memory) * 1_000_000;
    }

    /** It does nothing any more until {@link #thaw}. */
    synchronized void freeze() {
        frozen = true;
    }

    synchronized void thaw() {
        frozen = false;
        notifyAll();
    }

    private synchronized void awaitThaw() throws IOException {
        while (frozen && !closed) {
            try {
                wait();
            } catch (InterruptedException stop) {
                throw new IOException(stop);
            }
        }
    }

    /** Its connection is gone, of which the host sees nothing; it dials twice, and the first of those is dead. */
    void loseChannel() throws IOException {
        SocketChannel before = wire.channel();
        if (before != null) {
            lost.add(before);
        }
        dialer.dial().close();
        connect(dialer.dial());
    }

    /** It hangs up, and dials no more. */
    public void goSilent() throws IOException {
        again = false;
        SocketChannel current = wire.channel();
        if (current != null) {
            current.close();
        }
    }

    /** When it is told to shut down, it will not say how its processes end. */
    public void endInSilence() {
        endsInSilence = true;
    }

    /** The main process ends, by SIGTERM. */
    public void endMain() {
        ScriptedProcess main = processes.get("main");
        if (main != null) {
            main.signal(15);
        }
    }

    private void connect(SocketChannel connection) {
        talks = false;
        wire.connect(connection);
        Thread.ofVirtual().name("guest").start(() -> live(connection));
    }

    /** How often a method was called. */
    public int calls(String method) {
        return calls.getOrDefault(method, 0);
    }

    /** One of its programs connects to somewhere, and sends back what it gets there. */
    public void dial(long id, String address, int port) throws IOException {
        notify("dial", "\"dial_id\":" + id + ",\"address\":\"" + address + "\",\"port\":" + port);
    }

    /** One of its programs asks about a name; waits for the answer. */
    public byte[] resolve(long id, byte[] query) throws IOException, InterruptedException {
        String message = Base64.getEncoder().encodeToString(query);
        notify("resolve", "\"query_id\":" + id + ",\"message\":\"" + message + "\"");
        return resolved.take();
    }

    private void notify(String method, String params) throws IOException {
        wire.say("{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":{" + params + "}}");
    }

    /** From now on there is a server on this port. */
    public void listen(int port) {
        listening.put(port, "cat");
    }

    /** From now on this program serves the port, or, for 0, the connections that it opens itself. */
    public void listen(int port, String program) {
        listening.put(port, program);
    }

    /** Whether it uses all of a processor. */
    public void busy(boolean now) {
        busy = now;
    }

    /** Whether it sends a megabyte between two looks. */
    public void busyNetwork(boolean now) {
        busyNetwork = now;
    }

    private String health() {
        long now = System.nanoTime();
        cpuMs += busy ? (now - lookedAt) / 1_000_000 : 0;
        netBytes += busyNetwork ? 1 << 20 : 0;
        lookedAt = now;
        return "{\"version\":1,\"uptime_ms\":" + memory() + ",\"processes\":1,\"cpu_ms\":" + cpuMs + ",\"net_bytes\":"
                + netBytes + "}";
    }

    /** Sends bytes that are no frame. */
    public void misbehave() throws IOException {
        wire.write(ByteBuffer.wrap(new byte[] {99, 0, 0, 0, 0, 0, 0, 0}));
    }

    void close() throws IOException {
        closed = true;
        thaw();
        SocketChannel current = wire.channel();
        if (current != null) {
            current.close();
        }
        for (SocketChannel old : lost) {
            old.close();
        }
        wire.close();
    }

    private void live(SocketChannel connection) {
        try {
            while (true) {
                ByteBuffer header = ScriptedWire.read(connection, ScriptedWire.HEADER);
                int type = header.get(0);
                long stream = header.getInt(4) & 0xFFFFFFFFL;
                ByteBuffer payload = ScriptedWire.read(connection, header.getShort(2) & 0xFFFF);
                awaitThaw();
                if (!connection.equals(wire.channel())) {
                    return;
                }
                runs.run();
                received(type, stream, payload);
            }
        } catch (IOException over) {
            if (connection.equals(wire.channel())) {
                hungUp();
            }
        }
    }

    private void hungUp() {
        if (again && !closed) {
            try {
                connect(dialer.dial());
                return;
            } catch (IOException nobody) {
                // The machine is being ended.
            }
        }
        processes.values().forEach(ScriptedProcess::vanish);
    }

    private void hello(byte[] nonce) throws IOException {
        stdins.clear();
        wire.newSession();
        wire.send(ScriptedWire.HELLO, 0, nonce);
        talks = true;
        for (String late = unsaid.poll(); late != null; late = unsaid.poll()) {
            wire.say(late);
        }
    }

    ScriptedWire wire() {
        return wire;
    }

    private void received(int type, long stream, ByteBuffer payload) throws IOException {
        switch (type) {
            case ScriptedWire.HELLO -> hello(bytes(payload));
            case ScriptedWire.CONTROL ->
                control(StandardCharsets.UTF_8.decode(payload).toString());
            case ScriptedWire.DATA -> {
                calls.merge("data", 1, Integer::sum);
                byte[] bytes = bytes(payload);
                wire.grant(0, bytes.length);
                ScriptedProcess process = stdins.get(stream);
                if (process != null && process.reads()) {
                    wire.grant(stream, bytes.length);
                    process.stdin(bytes);
                }
            }
            case ScriptedWire.CREDIT -> wire.granted(stream, payload.getInt());
            case ScriptedWire.EOF, ScriptedWire.RESET -> {
                ScriptedProcess process = stdins.get(stream);
                if (process != null) {
                    process.stdin(new byte[0]);
                }
            }
            default -> throw new IOException("frame of type " + type);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private void control(String json) throws IOException {
        Map<?, ?> call = (Map<?, ?>) Jsonb.builder().build().type(Object.class).fromJson(json);
        String method = String.valueOf(call.get("method"));
        long id = number(call.get("id"));
        Map<?, ?> params = call.get("params") instanceof Map<?, ?> map ? map : Map.of();
        calls.merge(method, 1, Integer::sum);
        switch (method) {
            case "health" -> wire.result(id, health());
            case "identify" -> wire.result(id, "{\"entropy_bits\":512}");
            case "run", "exec" -> start(id, method, params, strings(params.get("command")));
            case "adopt" -> start(id, "run", params, List.of("sleep"));
            case "connect" -> connect(id, params);
            case "accept" -> serve(id, params, listening.getOrDefault(0, "cat"));
            case "resolved" -> {
                wire.result(id, "{}");
                resolved.add(Base64.getDecoder().decode(String.valueOf(params.get("message"))));
            }
            case "file_read" -> wire.error(id, -32005, "no such file", 2);
            case "file_write" ->
                wire.result(id, "{\"type\":\"-\",\"size\":0,\"mode\":420,\"uid\":0,\"gid\":0,\"mtime_ns\":0}");
            case "file_list" -> {
                wire.result(id, "{\"type\":\"d\",\"size\":0,\"mode\":493,\"uid\":0,\"gid\":0,\"mtime_ns\":0}");
                wire.end(wire.session(), stream(params, "stream"));
            }
            case "signal", "kill" -> {
                wire.result(id, "{}");
                find(params).signal(method.equals("kill") ? 9 : (int) number(params.get("signal")));
            }
            case "shutdown" -> {
                wire.result(id, "{}");
                if (!endsInSilence) {
                    processes.values().forEach(process -> process.signal(15));
                }
                poweredOff.run();
            }
            default -> wire.result(id, "{}");
        }
    }

    private void connect(long id, Map<?, ?> params) throws IOException {
        String server = listening.get((int) number(params.get("port")));
        if (server == null) {
            wire.error(id, -32005, "connection refused", 111);
            return;
        }
        serve(id, params, server);
    }

    private void serve(long id, Map<?, ?> params, String program) throws IOException {
        var process = new ScriptedProcess(this, ScriptedProcess.NO_PROCESS, List.of(program.split(" ")), Map.of());
        long stream = stream(params, "stream");
        process.streams(stream, 0);
        stdins.put(stream, process);
        wire.result(id, "{}");
        process.start();
    }

    private ScriptedProcess find(Map<?, ?> params) {
        ScriptedProcess process = processes.get(String.valueOf(params.get("exec_id")));
        return process == null ? new ScriptedProcess(this, "nobody", List.of("exit", "0"), Map.of()) : process;
    }

    private void start(long id, String method, Map<?, ?> params, List<String> command) throws IOException {
        if (command.getFirst().equals("missing")) {
            wire.error(id, -32001, "no such command");
            return;
        }
        if (command.getFirst().equals("broken")) {
            wire.error(id, -32002, "not executable");
            return;
        }
        String execId = method.equals("run") ? "main" : String.valueOf(params.get("exec_id"));
        ScriptedProcess process = new ScriptedProcess(this, execId, command, texts(params.get("env")));
        process.streams(stream(params, "stdout"), stream(params, "stderr"));
        processes.put(execId, process);
        long stdin = stream(params, "stdin");
        if (stdin > 0) {
            stdins.put(stdin, process);
        }
        wire.result(id, "{\"pid\":42}");
        process.start();
    }

    private static List<String> strings(@Nullable Object list) {
        return list instanceof List<?> all ? all.stream().map(String::valueOf).toList() : List.of();
    }

    private static Map<String, String> texts(@Nullable Object map) {
        Map<String, String> texts = new HashMap<>();
        if (map instanceof Map<?, ?> all) {
            all.forEach((name, value) -> texts.put(String.valueOf(name), String.valueOf(value)));
        }
        return texts;
    }

    private long stream(Map<?, ?> params, String name) {
        Object stream = params.get(name);
        if (stream == null) {
            return 0;
        }
        wire.open(number(stream));
        return number(stream);
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    void exited(String execId, String how) {
        String notification =
                "{\"jsonrpc\":\"2.0\",\"method\":\"exited\",\"params\":{\"exec_id\":\"" + execId + "\"," + how + "}}";
        try {
            if (talks) {
                wire.say(notification);
                return;
            }
        } catch (IOException lostMeanwhile) {
            // It is said in the next session.
        }
        unsaid.add(notification);
    }
}
