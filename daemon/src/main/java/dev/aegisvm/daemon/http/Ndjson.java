package dev.aegisvm.daemon.http;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** An answer that is written line by line, as fast as its client reads. */
final class Ndjson {
    private final Context context;
    private final HttpServerResponse response;
    private final BlockingWriter writer;
    private final CompletableFuture<Void> left = new CompletableFuture<>();

    Ndjson(Context context, HttpServerResponse response, BlockingWriter writer) {
        this.context = context;
        this.response = response;
        this.writer = writer;
    }

    /** Writes a JSON text and a newline. */
    void line(byte[] json) throws IOException {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        writer.write(line);
    }

    /** Writes lines that have their newlines. */
    void lines(byte[] block) throws IOException {
        writer.write(block);
    }

    /** Runs something when the client has left or has all, on the event loop. */
    void whenLeft(Runnable action) {
        var _ = left.thenRun(action);
    }

    void gone() {
        writer.close();
        left.complete(null);
    }

    void end() {
        context.runOnContext(now -> {
            if (!response.ended() && !response.closed()) {
                response.end();
            }
        });
    }
}
