package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.InstanceRef;
import dev.aegisvm.api.Routes;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * One request and its answer, for a thread that may block. Everything that touches the connection is handed to its event
 * loop.
 */
final class Exchange {
    private final Context context;
    private final HttpServerRequest request;
    private final byte[] body;
    private List<String> names = List.of();

    Exchange(Context context, HttpServerRequest request, byte[] body) {
        this.context = context;
        this.request = request;
        this.body = body;
    }

    /** The method that the client sent; see {@link StreamUpgrade} for the exception. */
    String method() {
        return asksForStream() ? "POST" : request.method().name();
    }

    String path() {
        return request.path() == null ? "" : request.path();
    }

    /** Whether the client wants to switch to {@code aegis-stream}. */
    boolean asksForStream() {
        return Routes.STREAM_PROTOCOL.equalsIgnoreCase(request.getHeader("Upgrade"));
    }

    void named(List<String> found) {
        names = found;
    }

    /** The instance that the path names. */
    InstanceRef ref() {
        return new InstanceRef(names.getFirst());
    }

    /** The second name of the path. */
    String secondName() {
        return names.get(1);
    }

    /** A parameter of the query that is there and not empty. */
    Optional<String> query(String key) {
        return Optional.ofNullable(request.getParam(key)).filter(value -> !value.isEmpty());
    }

    /** Whether a parameter of the query is there and says yes: {@code follow}, {@code follow=1}, {@code follow=true}. */
    boolean flag(String key) {
        String value = request.getParam(key);
        if (value == null) {
            return false;
        }
        return switch (value) {
            case "", "1", "true", "yes" -> true;
            case "0", "false", "no" -> false;
            default -> throw new ApiException(ErrorCode.BAD_REQUEST, key + " is true or false");
        };
    }

    /** The body as a record of the API. */
    <T> T body(Class<T> type) {
        return ApiJson.request(type, body);
    }

    void answer(int status, Record value) {
        answer(status, ApiJson.write(value));
    }

    /** @param json the whole body of the answer */
    void answer(int status, byte[] json) {
        context.runOnContext(now -> {
            HttpServerResponse response = request.response();
            if (!response.ended() && !response.closed() && !response.headWritten()) {
                response.setStatusCode(status)
                        .putHeader("Content-Type", "application/json")
                        .end(Buffer.buffer(json));
            }
        });
    }

    /** Begins an answer of unknown length, a JSON text in each line. */
    Ndjson ndjson() {
        HttpServerResponse response = request.response();
        BlockingWriter writer = new BlockingWriter(context, response);
        Ndjson lines = new Ndjson(context, response, writer);
        call(() -> {
            response.setStatusCode(200).setChunked(true).putHeader("Content-Type", "application/x-ndjson");
            response.closeHandler(gone -> lines.gone());
            response.exceptionHandler(broken -> lines.gone());
            return response.writeHead();
        });
        return lines;
    }

    /** Answers 101 and takes the connection over. */
    StreamClient upgrade() {
        return call(() -> {
            request.response().putHeader("Connection", "Upgrade").putHeader("Upgrade", Routes.STREAM_PROTOCOL);
            return request.toNetSocket().map(this::streamClient);
        });
    }

    private StreamClient streamClient(NetSocket socket) {
        return new StreamClient(context, socket);
    }

    private <T> T call(Supplier<Future<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        context.runOnContext(now -> work.get().onComplete(done -> {
            if (done.succeeded()) {
                result.complete(done.result());
            } else {
                result.completeExceptionally(done.cause());
            }
        }));
        try {
            return result.join();
        } catch (CompletionException gone) {
            throw new ApiException(ErrorCode.INTERNAL, "the connection broke: " + gone.getCause(), gone);
        }
    }
}
