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
final class ByteAnswer {
    private static final int BUFFER = 64 * 1024;

    private final Context context;
    private final HttpServerResponse response;
    private final HttpServerConnection connection;
    private final BlockingWriter writer;
    private final OutputStream out = new BufferedOutputStream(new Body(), BUFFER);

    ByteAnswer(Context context, HttpServerResponse response, HttpServerConnection connection) {
        this.context = context;
        this.response = response;
        this.connection = connection;
        this.writer = new BlockingWriter(context, response);
    }

    void gone() {
        writer.close();
    }

    /** Runs something when the client has left or has all, on the event loop. */
    void whenLeft(Runnable action) {
        writer.whenClosed(action);
    }

    /** Writes a JSON text and a newline, at once. */
    void line(byte[] json) throws IOException {
        byte[] line = Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        writer.write(line);
    }

    void lines(byte[] block) throws IOException {
        writer.write(block);
    }

    /** Where the body goes; blocking, buffered. */
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
        writer.drain();
        String chunk = BrokenOff.chunk(new String(ApiJson.write(why), StandardCharsets.UTF_8));
        context.runOnContext(now -> {
            ChannelHandlerContext last =
                    connection.channelHandlerContext().pipeline().firstContext();
            ByteBuf bytes = Unpooled.copiedBuffer(chunk, StandardCharsets.US_ASCII);
            last.writeAndFlush(bytes).addListener(written -> connection.close());
        });
    }

    private final class Body extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            writer.write(new byte[] {(byte) one});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writer.write(Arrays.copyOfRange(bytes, offset, offset + length));
        }
    }
}
