package dev.aegisvm.mcp.server;

import module java.base;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.*;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.*;
import io.modelcontextprotocol.spec.McpSchema.*;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse.JSONRPCError;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A client on our stdin and stdout, a JSON-RPC message in each line. Each request has a virtual thread of its own, so that one
 * that hangs holds up no other. One that the client takes back ends what it has begun in a guest, and is not answered. A line
 * that is no message, or too long, is answered with an error and costs nothing else. When the client is gone, because stdin ends
 * or stdout has no reader, what it asked for has a moment to be answered, and then ends.
 */
public final class StdioTransport implements McpServerTransportProvider, McpServerTransport {
    private static final String UNKNOWN_TOOL = "Tool not found: ";
    private static final String CANCELLED = "notifications/cancelled";
    /** How long what was asked before the client's end may take. */
    public static final Duration GRACE = Duration.ofMillis(500);
    /** Of a line, in bytes: the heap holds several, with what is made of them. */
    private static final int MAX_LINE = 8 << 20;
    /** What large messages that are worked on have together at most, in bytes. */
    private static final int ROOM = 2 * MAX_LINE;

    private static final int LARGE = 64 * 1024;
    private static final long PATIENCE_S = 5;
    private static final String FULL =
            "other large messages are being worked on: send this one again when one of them is answered";

    private static final int ENDS = 1024;
    private static final String ID = "\"id\"\\s*:\\s*(-?\\d{1,18}|\"[^\"\\\\]{1,200}\")";
    /** An id stands at the beginning or the end of a message; a quote within a text of it has a backslash before it. */
    private static final Pattern AT_BEGINNING = Pattern.compile(
            "^\\s*\\{\\s*(?:\"jsonrpc\"\\s*:\\s*\"2\\.0\"\\s*,\\s*)?(?:\"method\"\\s*:\\s*\"[^\"]*\"\\s*,\\s*)?" + ID);

    private static final Pattern AT_END =
            Pattern.compile(ID + "\\s*(?:,\\s*\"jsonrpc\"\\s*:\\s*\"2\\.0\"\\s*)?\\}\\s*$");

    private final McpJsonMapper json;
    private final InputStream in;
    private final OutputStream out;
    private final Duration grace;
    private final Semaphore room = new Semaphore(ROOM, true);
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final Phaser inWork = new Phaser(1);
    /** What cancels the requests that are not answered yet, by their ids. */
    private final Map<Object, CompletableFuture<Void>> asked = new ConcurrentHashMap<>();

    private volatile @Nullable McpServerSession session;

    /** @param grace how long what was asked may take when the client is gone */
    public StdioTransport(McpJsonMapper json, InputStream in, OutputStream out, Duration grace) {
        this.json = json;
        this.in = new BufferedInputStream(in, 1 << 16);
        this.out = out;
        this.grace = grace;
    }

    @Override
    public void setSessionFactory(McpServerSession.Factory factory) {
        session = factory.create(this);
    }

    @Override
    public List<String> protocolVersions() {
        return List.of(
                ProtocolVersions.MCP_2024_11_05,
                ProtocolVersions.MCP_2025_03_26,
                ProtocolVersions.MCP_2025_06_18,
                ProtocolVersions.MCP_2025_11_25);
    }

    /** Serves until the client is gone, and what it asked for is answered or ended; blocks. */
    public void serve() {
        McpServerSession client = Objects.requireNonNull(session, "a transport without a server");
        // A read of stdin cannot be interrupted, and is not waited for.
        Thread.ofPlatform().daemon().name("stdin").start(() -> read(client));
        gone.join();
        try {
            inWork.awaitAdvanceInterruptibly(inWork.arrive(), grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            asked.values().forEach(request -> request.complete(null));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(McpServerSession client) {
        try {
            for (Line line = next(); line != null; line = next()) {
                if (!line.text().isBlank()) {
                    receive(client, line.text(), line.bytes() < LARGE ? 0 : line.bytes());
                }
            }
        } catch (IOException clientGone) {
            System.err.println("aegis-mcp: " + clientGone.getMessage());
        } finally {
            gone.complete(null);
        }
    }

    /**
     * Answers with an error, also to what has no id that an answer could have: the SDK makes no answer without one.
     *
     * @param id as JSON
     * @param why a text that needs no escapes in JSON
     */
    private void refuse(@Nullable String id, int code, String why) throws IOException {
        String error = ",\"error\":{\"code\":" + code + ",\"message\":\"" + why + "\"}}";
        write(("{\"jsonrpc\":\"2.0\",\"id\":" + id + error).getBytes(StandardCharsets.UTF_8));
    }

    private void receive(McpServerSession client, String line, int large) throws IOException {
        JSONRPCMessage message;
        try {
            message = McpSchema.deserializeJsonRpcMessage(json, line);
        } catch (IOException | RuntimeException noMessage) {
            refuse(null, -32700, "a line is not a JSON-RPC message");
            return;
        }
        switch (message) {
            case JSONRPCNotification notice when notice.method().equals(CANCELLED) -> cancel(notice.params());
            case JSONRPCRequest request
            when !request.method().equals(McpSchema.METHOD_INITIALIZE) -> begin(client, request, large);
            // The SDK may ask the client something because of it, whose answer is read here.
            case JSONRPCNotification notice
            when !notice.method().equals(McpSchema.METHOD_NOTIFICATION_INITIALIZED) ->
                Thread.ofVirtual().name("notice").start(() -> handle(client, message));
            // In order: what follows rests on it.
            default -> handle(client, message);
        }
    }

    /** A message that the SDK makes nothing of costs nothing else. */
    private static void handle(McpServerSession client, JSONRPCMessage message) {
        try {
            client.handle(message).block();
        } catch (RuntimeException nonsense) {
            System.err.println(
                    "aegis-mcp: a message is ignored: " + nonsense.getClass().getName());
        }
    }

    private void begin(McpServerSession client, JSONRPCRequest request, int large) throws IOException {
        if (!hasRoom(large)) {
            refuse(json.writeValueAsString(request.id()), -32000, FULL);
            return;
        }
        inWork.register();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        asked.put(request.id(), cancelled);
        McpTransportContext about = McpTransportContext.create(Map.of(CANCELLED, cancelled));
        Thread.ofVirtual().name("request").start(() -> {
            try {
                client.handle(request)
                        .contextWrite(context -> context.put(McpTransportContext.KEY, about))
                        .block();
            } finally {
                asked.remove(request.id(), cancelled);
                room.release(large);
                inWork.arriveAndDeregister();
            }
        });
    }

    /** Waits for it for a moment: what is read next waits too, and that may take back what has the room. */
    private boolean hasRoom(int large) {
        try {
            return room.tryAcquire(large, PATIENCE_S, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What completes when the client of a request takes it back. */
    @SuppressWarnings("unchecked")
    static CompletableFuture<Void> cancelled(McpSyncServerExchange exchange) {
        return exchange.transportContext().get(CANCELLED) instanceof CompletableFuture<?> given
                ? (CompletableFuture<Void>) given
                : new CompletableFuture<>();
    }

    /** Ends what a request has begun; one that is unknown or answered costs nothing. */
    private void cancel(@Nullable Object notice) {
        Object id = notice instanceof Map<?, ?> fields ? fields.get("requestId") : null;
        CompletableFuture<Void> cancelled = id == null ? null : asked.get(id);
        if (cancelled != null) {
            Thread.ofVirtual().name("cancel").start(() -> cancelled.complete(null));
        }
    }

    /** What was taken back is not answered. */
    private boolean isUnwanted(JSONRPCMessage message) {
        CompletableFuture<Void> cancelled =
                message instanceof JSONRPCResponse answer && answer.id() != null ? asked.get(answer.id()) : null;
        return cancelled != null && cancelled.isDone();
    }

    /** The SDK names an unknown tool in what comes with the error, which clients do not show. */
    private static JSONRPCMessage named(JSONRPCMessage message) {
        if (message instanceof JSONRPCResponse answer
                && answer.error() instanceof JSONRPCError(Integer code, String _, String why)
                && why.startsWith(UNKNOWN_TOOL)) {
            String more = why + "; exec runs commands, run_code snippets";
            return JSONRPCResponse.error(answer.id(), new JSONRPCError(code, more));
        }
        return message;
    }

    @Override
    public Mono<Void> sendMessage(JSONRPCMessage message) {
        return Mono.fromRunnable(() -> {
            if (isUnwanted(message)) {
                return;
            }
            try {
                write(json.writeValueAsBytes(named(message)));
            } catch (IOException clientLeft) {
                gone.complete(null);
                throw new UncheckedIOException(clientLeft);
            }
        });
    }

    private void write(byte[] text) throws IOException {
        synchronized (out) {
            out.write(text);
            out.write('\n');
            out.flush();
        }
    }

    @Override
    public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
        return json.convertValue(data, type);
    }

    @Override
    public Mono<Void> notifyClients(String method, Object params) {
        McpServerSession client = session;
        return client == null ? Mono.empty() : client.sendNotification(method, params);
    }

    @Override
    public Mono<Void> closeGracefully() {
        return Mono.empty();
    }

    @Override
    public void close() {
        // Stdin and stdout are the process's, and end with it.
    }

    /** A line without its end, and how many bytes that is; a blank one where one was refused. */
    private record Line(String text, int bytes) {}

    /** Waits for the next line; null after the last. */
    private @Nullable Line next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
        int next = in.read();
        if (next < 0) {
            return null;
        }
        while (next >= 0 && next != '\n') {
            line.write(next);
            if (line.size() > MAX_LINE) {
                return tooLong(line.toByteArray());
            }
            next = in.read();
        }
        return new Line(line.toString(StandardCharsets.UTF_8), line.size());
    }

    /** Refuses a line that is too long. It is not kept: only what tells which request it was. */
    private Line tooLong(byte[] begin) throws IOException {
        byte[] end = new byte[ENDS];
        long bytes = begin.length;
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            end[(int) (bytes++ % ENDS)] = (byte) next;
        }
        int from = (int) (bytes % ENDS);
        String head = new String(begin, 0, ENDS, StandardCharsets.UTF_8);
        String tail = new String(end, from, ENDS - from, StandardCharsets.UTF_8)
                + new String(end, 0, from, StandardCharsets.UTF_8);
        Optional<String> id = id(AT_BEGINNING.matcher(head)).or(() -> id(AT_END.matcher(tail)));
        String why = "a message has " + bytes + " bytes, and " + MAX_LINE
                + " are the most: write a large file in parts and join"
                + " them by exec: cat part1 part2 > whole; copy_in copies files of this host";
        refuse(id.orElse(null), -32600, why);
        return new Line("", 0);
    }

    private static Optional<String> id(Matcher found) {
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }
}
