package dev.aegisvm.vmm.fake;

import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Plays the harness. Its programs are: {@code print TEXT…} (a line to stdout, the others to stderr), {@code exit N},
 * {@code cat}, {@code sleep}, {@code greet TEXT} (which prints it and sleeps), {@code deaf} (which does not even read), {@code flood BYTES}, {@code env NAME}, {@code oom}; {@code missing} and {@code broken} do not
 * start. Port 80 has a server that sends back what it gets; others have one from {@link #listen} on.
 */
public final class ScriptedGuest {
    private static final int HELLO = 1;
    private static final int CONTROL = 2;
    private static final int DATA = 3;
    private static final int CREDIT = 4;
    private static final int EOF = 5;
    private static final int RESET = 6;
    private static final int HEADER = 8;
    private static final int MAX_DATA = 32_768;

    private final Dialer dialer;
    private volatile boolean again;
    private final Runnable runs;
    private final Runnable poweredOff;
    private final Map<String, ScriptedProcess> processes = new ConcurrentHashMap<>();
    private final Map<Long, ScriptedProcess> stdins = new ConcurrentHashMap<>();
    private final Map<Long, Long> credit = new HashMap<>();
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final Map<Integer, String> listening = new ConcurrentHashMap<>();

    private volatile boolean busy;
    private volatile boolean busyNetwork;
    private long cpuMs = 1;
    private long netBytes = 1;
    private long lookedAt = System.nanoTime();
    private volatile long bornAt = lookedAt;

    /** The connection that counts. What comes on one that was lost without a word is not seen. */
    private volatile @Nullable SocketChannel channel;

    private final List<SocketChannel> lost = new CopyOnWriteArrayList<>();
    /** What is to be said when there is a session again. */
    private final Queue<String> unsaid = new ConcurrentLinkedQueue<>();

    /** Counts sessions: the output of processes of an earlier one is thrown away. */
    private volatile int session;

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
        return Long.toString(uptimeMs());
    }

    /** Goes on from there. */
    void remember(String memory) {
        bornAt = System.nanoTime() - Long.parseLong(memory) * 1_000_000;
    }

    private long uptimeMs() {
        return (System.nanoTime() - bornAt) / 1_000_000;
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
        SocketChannel before = channel;
        if (before != null) {
            lost.add(before);
        }
        dialer.dial().close();
        connect(dialer.dial());
    }

    /** It hangs up, and dials no more. */
    public void goSilent() throws IOException {
        again = false;
        SocketChannel current = channel;
        if (current != null) {
            current.close();
        }
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
        channel = connection;
        Thread.ofVirtual().name("guest").start(() -> live(connection));
    }

    /** How often a method was called. */
    public int calls(String method) {
        return calls.getOrDefault(method, 0);
    }

    /** From now on there is a server on this port. */
    public void listen(int port) {
        listening.put(port, "cat");
    }

    /** From now on there is one that reads nothing and says nothing. */
    public void listenDeaf(int port) {
        listening.put(port, "deaf");
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
        return "{\"version\":1,\"uptime_ms\":" + uptimeMs() + ",\"processes\":1,\"cpu_ms\":" + cpuMs + ",\"net_bytes\":"
                + netBytes + "}";
    }

    /** Sends bytes that are no frame. */
    public void misbehave() throws IOException {
        write(ByteBuffer.wrap(new byte[] {99, 0, 0, 0, 0, 0, 0, 0}));
    }

    void close() throws IOException {
        closed = true;
        thawAll();
        SocketChannel current = channel;
        if (current != null) {
            current.close();
        }
        for (SocketChannel old : lost) {
            old.close();
        }
        synchronized (credit) {
            credit.notifyAll();
        }
    }

    private synchronized void thawAll() {
        notifyAll();
    }

    private void live(SocketChannel connection) {
        try {
            while (true) {
                ByteBuffer header = read(connection, HEADER);
                int type = header.get(0);
                long stream = header.getInt(4) & 0xFFFFFFFFL;
                ByteBuffer payload = read(connection, header.getShort(2) & 0xFFFF);
                awaitThaw();
                if (!connection.equals(channel)) {
                    return;
                }
                runs.run();
                received(type, stream, payload);
            }
        } catch (IOException over) {
            if (connection.equals(channel)) {
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
        synchronized (credit) {
            session++;
            credit.clear();
            credit.put(0L, 1L << 20);
            credit.notifyAll();
        }
        send(HELLO, 0, nonce);
        talks = true;
        for (String late = unsaid.poll(); late != null; late = unsaid.poll()) {
            say(late);
        }
    }

    int session() {
        return session;
    }

    private void received(int type, long stream, ByteBuffer payload) throws IOException {
        switch (type) {
            case HELLO -> hello(bytes(payload));
            case CONTROL -> control(StandardCharsets.UTF_8.decode(payload).toString());
            case DATA -> {
                calls.merge("data", 1, Integer::sum);
                byte[] bytes = bytes(payload);
                grant(0, bytes.length);
                ScriptedProcess process = stdins.get(stream);
                if (process != null && process.reads()) {
                    grant(stream, bytes.length);
                    process.stdin(bytes);
                }
            }
            case CREDIT -> {
                synchronized (credit) {
                    credit.merge(stream, (long) payload.getInt(), Long::sum);
                    credit.notifyAll();
                }
            }
            case EOF, RESET -> {
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
            case "health" -> result(id, health());
            case "identify" -> result(id, "{\"entropy_bits\":512}");
            case "run", "exec" -> start(id, method, params);
            case "connect" -> connect(id, params);
            case "signal" -> {
                result(id, "{}");
                find(params).signal((int) number(params.get("signal")));
            }
            case "kill" -> {
                result(id, "{}");
                find(params).signal(9);
            }
            case "shutdown" -> {
                result(id, "{}");
                processes.values().forEach(process -> process.signal(15));
                poweredOff.run();
            }
            default -> result(id, "{}");
        }
    }

    private void connect(long id, Map<?, ?> params) throws IOException {
        String server = listening.get((int) number(params.get("port")));
        if (server == null) {
            error(id, -32005, "connection refused", 111);
            return;
        }
        ScriptedProcess process = new ScriptedProcess(this, ScriptedProcess.NO_PROCESS, List.of(server), Map.of());
        long stream = stream(params, "stream");
        process.streams(stream, 0);
        stdins.put(stream, process);
        result(id, "{}");
        process.start();
    }

    private ScriptedProcess find(Map<?, ?> params) {
        ScriptedProcess process = processes.get(String.valueOf(params.get("exec_id")));
        return process == null ? new ScriptedProcess(this, "nobody", List.of("exit", "0"), Map.of()) : process;
    }

    private void start(long id, String method, Map<?, ?> params) throws IOException {
        List<String> command = strings(params.get("command"));
        if (command.getFirst().equals("missing")) {
            error(id, -32001, "no such command");
            return;
        }
        if (command.getFirst().equals("broken")) {
            error(id, -32002, "not executable");
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
        result(id, "{\"pid\":42}");
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
        synchronized (credit) {
            credit.put(number(stream), 65_536L);
        }
        return number(stream);
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    /** Sends output as fast as the host lets it. */
    void output(int of, long stream, byte[] bytes) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(MAX_DATA, bytes.length - at);
            if (!take(of, stream, length)) {
                return;
            }
            send(DATA, stream, Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
    }

    /** Waits for credit; false when the session is over. */
    private boolean take(int of, long stream, int length) throws IOException {
        synchronized (credit) {
            while (of == session
                    && (credit.getOrDefault(stream, 0L) < length || credit.getOrDefault(0L, 0L) < length)) {
                if (closed) {
                    throw new IOException("closed");
                }
                try {
                    credit.wait();
                } catch (InterruptedException stop) {
                    throw new IOException(stop);
                }
            }
            if (of != session) {
                return false;
            }
            credit.merge(stream, (long) -length, Long::sum);
            credit.merge(0L, (long) -length, Long::sum);
            return true;
        }
    }

    void end(int of, long stream) throws IOException {
        if (stream > 0 && of == session) {
            send(EOF, stream, new byte[0]);
        }
    }

    void exited(String execId, String how) {
        String notification =
                "{\"jsonrpc\":\"2.0\",\"method\":\"exited\",\"params\":{\"exec_id\":\"" + execId + "\"," + how + "}}";
        try {
            if (talks) {
                say(notification);
                return;
            }
        } catch (IOException lostMeanwhile) {
            // It is said in the next session.
        }
        unsaid.add(notification);
    }

    private void grant(long stream, int bytes) throws IOException {
        send(CREDIT, stream, ByteBuffer.allocate(4).putInt(bytes).array());
    }

    private void result(long id, String json) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + json + "}");
    }

    private void error(long id, int code, String message) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"" + message
                + "\"}}");
    }

    private void error(long id, int code, String message, int errno) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"" + message
                + "\",\"data\":{\"errno\":" + errno + "}}}");
    }

    private void say(String json) throws IOException {
        send(CONTROL, 0, json.getBytes(StandardCharsets.UTF_8));
    }

    private void send(int type, long stream, byte[] payload) throws IOException {
        write(ByteBuffer.allocate(HEADER + payload.length)
                .put((byte) type)
                .put((byte) 0)
                .putShort((short) payload.length)
                .putInt((int) stream)
                .put(payload)
                .flip());
    }

    private synchronized void write(ByteBuffer bytes) throws IOException {
        SocketChannel current = channel;
        while (bytes.hasRemaining()) {
            if (current == null) {
                throw new IOException("not connected");
            }
            current.write(bytes);
        }
    }

    private static ByteBuffer read(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the host hung up");
            }
        }
        return bytes.flip();
    }
}
