package dev.aegisvm.mcp;

import module java.base;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpServerSession;
import io.modelcontextprotocol.spec.McpServerTransport;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import io.modelcontextprotocol.spec.ProtocolVersions;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A client on our stdin and stdout, a JSON-RPC message in each line. Each request has a virtual thread of its own, so that one
 * that hangs holds up no other. One that the client takes back ends what it has begun in a guest, and is not answered. A line
 * that is no message is answered with an error and costs nothing else. When stdin ends, what was asked before is still answered.
 */
final class StdioTransport implements McpServerTransportProvider, McpServerTransport {
    /** Of JSON-RPC 2.0, for what has no id that an answer could have; the SDK makes no answer without one. */
    private static final byte[] NO_MESSAGE =
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"a line is not a JSON-RPC message\"}}"
                    .getBytes(StandardCharsets.UTF_8);

    private static final String CANCELLED = "notifications/cancelled";

    private final McpJsonMapper json;
    private final BufferedReader in;
    private final OutputStream out;
    private final Phaser inWork = new Phaser(1);
    /** What cancels the requests that are not answered yet, by their ids. */
    private final Map<Object, CompletableFuture<Void>> asked = new ConcurrentHashMap<>();

    private volatile @Nullable McpServerSession session;

    StdioTransport(McpJsonMapper json, InputStream in, OutputStream out) {
        this.json = json;
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        this.out = out;
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

    /** Serves until stdin ends and everything is answered; blocks. */
    void serve() throws IOException {
        McpServerSession client = session;
        if (client == null) {
            throw new IllegalStateException("a transport without a server");
        }
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (!line.isBlank()) {
                receive(client, line);
            }
        }
        inWork.arriveAndAwaitAdvance();
    }

    private void receive(McpServerSession client, String line) throws IOException {
        McpSchema.JSONRPCMessage message;
        try {
            message = McpSchema.deserializeJsonRpcMessage(json, line);
        } catch (IOException | RuntimeException noMessage) {
            write(NO_MESSAGE);
            return;
        }
        if (message instanceof McpSchema.JSONRPCNotification notice
                && notice.method().equals(CANCELLED)) {
            cancel(notice.params());
            return;
        }
        if (!(message instanceof McpSchema.JSONRPCRequest request)
                || request.method().equals(McpSchema.METHOD_INITIALIZE)) {
            // In order: what follows rests on it.
            client.handle(message).block();
            return;
        }
        inWork.register();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        asked.put(request.id(), cancelled);
        McpTransportContext about = McpTransportContext.create(Map.of(CANCELLED, cancelled));
        Thread.ofVirtual().name("request").start(() -> {
            try {
                client.handle(message)
                        .contextWrite(context -> context.put(McpTransportContext.KEY, about))
                        .block();
            } finally {
                asked.remove(request.id(), cancelled);
                inWork.arriveAndDeregister();
            }
        });
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
    private boolean isUnwanted(McpSchema.JSONRPCMessage message) {
        CompletableFuture<Void> cancelled = message instanceof McpSchema.JSONRPCResponse answer && answer.id() != null
                ? asked.get(answer.id())
                : null;
        return cancelled != null && cancelled.isDone();
    }

    @Override
    public Mono<Void> sendMessage(McpSchema.JSONRPCMessage message) {
        return Mono.fromRunnable(() -> {
            if (isUnwanted(message)) {
                return;
            }
            try {
                write(json.writeValueAsBytes(message));
            } catch (IOException clientLeft) {
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
}
