package dev.aegisvm.daemon.router;

import module java.base;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Decodes requests, and none whose end two readers may see at different places (RFC 9112, 6.3 and 7.1): with a Content-Length
 * beside a Transfer-Encoding, of which the usual decoder silently drops the first, or with a chunk so large that it would take
 * the size for another one. Two lengths it refuses by itself.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
    /** Its place among the handlers of a connection, as Vert.x names it. */
    static final String NAME = "httpDecoder";

    private static final int HEX = 16;
    private static final long MAX_CHUNK = 0xfff_ffff;

    /** What comes next of a body in chunks. */
    private enum Next {
        NONE,
        SIZE,
        DATA,
        LINE_END
    }

    private Next next = Next.NONE;
    /** What is left of the chunk. */
    private long left;

    StrictRequestDecoder(HttpServerOptions options) {
        super(options);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("Content-Length beside Transfer-Encoding");
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) throws Exception {
        int line = next == Next.SIZE ? bytes.bytesBefore((byte) '\n') + 1 : 0;
        if (line > 0) {
            left = size(bytes.toString(bytes.readerIndex(), line, StandardCharsets.ISO_8859_1));
            next = left == 0 ? Next.NONE : Next.DATA;
        }
        if (left > MAX_CHUNK) {
            // The decoder refuses this, and all that follows.
            bytes.skipBytes(bytes.readableBytes());
            super.decode(context, Unpooled.copiedBuffer("too large\r\n", StandardCharsets.US_ASCII), out);
            return;
        }
        int before = bytes.readableBytes() - line;
        super.decode(context, bytes, out);
        follow(out, before - bytes.readableBytes());
    }

    /** As the decoder will read it, but not beyond what is too large. */
    private static long size(String line) {
        long size = 0;
        String digits = line.stripLeading();
        for (int i = 0; i < digits.length() && size <= MAX_CHUNK; i++) {
            int digit = Character.digit(digits.charAt(i), HEX);
            if (digit < 0) {
                break;
            }
            size = size * HEX + digit;
        }
        return size;
    }

    /** @param count how many bytes were decoded, without a line that has a size */
    private void follow(List<Object> out, int count) {
        int others = count;
        for (Object part : out) {
            if (part instanceof HttpRequest request) {
                next = HttpUtil.isTransferEncodingChunked(request) ? Next.SIZE : Next.NONE;
                return;
            }
            int content = part instanceof HttpContent piece ? piece.content().readableBytes() : 0;
            left -= content;
            others -= content;
        }
        if (next == Next.DATA && left == 0) {
            next = Next.LINE_END;
        }
        if (next == Next.LINE_END && others == 2) {
            next = Next.SIZE;
        }
    }
}
