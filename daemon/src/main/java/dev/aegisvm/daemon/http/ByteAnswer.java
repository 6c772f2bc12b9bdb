package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import io.netty.buffer.*;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;

/**
 * An answer of any size that is written as fast as its client reads. When it cannot be finished, its end is missing, so
 * that no client takes it for whole; the reason stands where the next chunk would have begun ({@link BrokenOff}).
 */
final class ByteAnswer extends BlockingWriter {
    private static final int BUFFER = 64 * 1024;

    private final HttpServerResponse response;
    private final HttpServerConnection connection;
    private final OutputStream out = new BufferedOutputStream(this, BUFFER);

    ByteAnswer(Context context, HttpServerResponse response, HttpServerConnection connection) {
        super(context, response);
        this.response = response;
        this.connection = connection;
    }

    /** Writes a JSON text and a newline, at once. */
    void line(byte[] json) throws IOException {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        write(line);
    }

    /** Where the body goes; blocking, buffered. What is to arrive before the end is flushed. */
    OutputStream out() {
        return out;
    }

    void end() throws IOException {
        out.flush();
        context.runOnContext(now -> {
            if (!response.ended() && !response.closed()) {
                response.end();
            }
        });
    }

    /** The body ends here, and is not whole. */
    void breakOff(ApiError why) throws IOException {
        out.flush();
        drain();
        String chunk = BrokenOff.chunk(ApiJson.text(why));
        context.runOnContext(now -> {
            ChannelHandlerContext last =
                    connection.channelHandlerContext().pipeline().firstContext();
            ByteBuf bytes = Unpooled.copiedBuffer(chunk, StandardCharsets.US_ASCII);
            last.writeAndFlush(bytes).addListener(written -> connection.close());
        });
    }
}
