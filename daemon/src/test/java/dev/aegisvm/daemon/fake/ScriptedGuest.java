package dev.aegisvm.daemon.fake;

import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    private static final int MOST_DATA = 32_768;

    private final SocketChannel channel;
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

    ScriptedGuest(SocketChannel channel, Runnable poweredOff) {
        this.channel = channel;
        this.poweredOff = poweredOff;
        listening.put(80, "cat");
        credit.put(0L, 1L << 20);
        Thread.ofVirtual().name("guest").start(this::live);
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
        return "{\"version\":1,\"uptime_ms\":1,\"processes\":1,\"cpu_ms\":" + cpuMs + ",\"net_bytes\":" + netBytes
                + "}";
    }

    /** Sends bytes that are no frame. */
    public void misbehave() throws IOException {
        write(ByteBuffer.wrap(new byte[] {99, 0, 0, 0, 0, 0, 0, 0}));
    }

    void close() throws IOException {
        channel.close();
        synchronized (credit) {
            credit.notifyAll();
        }
    }

    private void live() {
        try {
            while (true) {
                ByteBuffer header = read(HEADER);
                int type = header.get(0);
                long stream = header.getInt(4) & 0xFFFFFFFFL;
                received(type, stream, read(header.getShort(2) & 0xFFFF));
            }
        } catch (IOException over) {
            processes.values().forEach(ScriptedProcess::vanish);
        }
    }

    private void received(int type, long stream, ByteBuffer payload) throws IOException {
        switch (type) {
            case HELLO -> send(HELLO, 0, bytes(payload));
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
    void output(long stream, byte[] bytes) throws IOException {
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(MOST_DATA, bytes.length - at);
            take(stream, length);
            send(DATA, stream, Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
    }

    private void take(long stream, int length) throws IOException {
        synchronized (credit) {
            while (credit.getOrDefault(stream, 0L) < length || credit.getOrDefault(0L, 0L) < length) {
                if (!channel.isOpen()) {
                    throw new IOException("closed");
                }
                try {
                    credit.wait();
                } catch (InterruptedException stop) {
                    throw new IOException(stop);
                }
            }
            credit.merge(stream, (long) -length, Long::sum);
            credit.merge(0L, (long) -length, Long::sum);
        }
    }

    void end(long stream) throws IOException {
        if (stream > 0) {
            send(EOF, stream, new byte[0]);
        }
    }

    void exited(String execId, String how) throws IOException {
        say("{\"jsonrpc\":\"2.0\",\"method\":\"exited\",\"params\":{\"exec_id\":\"" + execId + "\"," + how + "}}");
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
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new IOException("the host hung up");
            }
        }
        return bytes.flip();
    }
}
